/** All that a finished chaos run left behind, as seen from outside. read-evidence.ts fills it, judge.ts looks at it. */
import type { JobEvent, StoredFile } from '@millrace/contracts'
import type { ReceivedWebhook } from '../../support/servers/webhook-receiver.ts'
import type { Cancel } from '../load/mind-changers.ts'
import type { Fault } from '../faults/nemesis.ts'
import type { PlannedJob } from '../load/plan-chaos.ts'
import type { PartEnd } from '../faults/supervised-part.ts'

export interface JobEvidence {
  plan: PlannedJob
  /** Every id that a 202 named for it. */
  ids: readonly string[]
  /** The version whose contract accepted it, as the first 202 says. */
  acceptedBy: string | undefined
  /** The record's hash under its first id, as Redis has it; empty when there is none. */
  record: Readonly<Record<string, string>>
  /** JSON text of its output, wherever that is kept. */
  output?: string
  events: readonly { at: number; event: JobEvent }[]
  /** The output files that the record names, and what is on disk. */
  files: readonly FileEvidence[]
  /** Absent when nobody canceled it. */
  cancel?: Cancel
}

export interface FileEvidence {
  stored: StoredFile
  /** Absent when there is no such object. */
  bytes?: Buffer
}

export interface Evidence {
  jobs: readonly JobEvidence[]
  /** Ids of all records there are. */
  recordIds: readonly string[]
  idempotencyKeys: number
  open: readonly string[]
  /** Ids that wait somewhere to be given out, and those that some worker has. */
  waiting: readonly string[]
  leases: readonly string[]
  /** How many jobs Redis says wait in each line. */
  lineCounts: Readonly<Record<string, string>>
  /** Members of each status index. */
  index: Readonly<Record<string, readonly string[]>>
  /** How many jobs Redis says ended in each status. */
  counts: Readonly<Record<string, string>>
  /** What each tenant is told to have used: the numbers of each day and key. */
  used: Readonly<Record<string, readonly string[]>>
  /** Keys of all objects. */
  objects: readonly string[]
  /** Everything that the receiver was sent, and what signs it. */
  webhooks: readonly ReceivedWebhook[]
  webhookSecret: string
  /** Events and deliveries that are not done. */
  webhooksOwed: number
  faults: readonly Fault[]
  ends: readonly PartEnd[]
}

/** Something that must not be, with the job it happened to when there is one. */
export interface Offence {
  /** How it counts in the last line. */
  counts: 'lost' | 'wrong' | 'duplicated' | 'innocent' | 'undelivered'
  invariant: string
  what: string
  job?: JobEvidence
}
