/** The way into the queue: a job is kept, or the caller hears why not. Called by the API's submits. */
import type { ApiKeyId, InputFile, JobId, JobRecord, JobWebhook, Payload } from '@millrace/contracts'
import type { QueuePlace } from './job-reader.ts'

/** What the API hands over to be kept. Times are milliseconds of Unix time. */
export interface NewJob {
  /** Made by `newJobId(model)`, so that input objects can be stored under it before the submit. */
  id: JobId
  kind: JobRecord['kind']
  tenant: string
  /** The key that it is submitted with; null: the one of the settings, or none was needed. Default: null. */
  key?: ApiKeyId | null
  model: string
  version: string
  /** What must have it run: see linesOf. */
  line: string
  input: Payload<InputFile>
  priority: JobRecord['priority']
  metadata: Record<string, string>
  maxAttempts: number
  timeoutSeconds: number
  runAt: number | null
  expiresInSeconds: number
  /** From its end until it is purged. Default: the installation's setting. */
  retentionSeconds?: number
  /** How many jobs its tenant may have open in this model, with this one. Default: the installation's setting. */
  mostOpen?: number
  /** Where to tell of this job, and of what; beside the tenant's endpoints. */
  webhook?: JobWebhook | null
  /** A hook of the operator is to hear of its end. Default: false. */
  afterEnd?: boolean
  /** The split of traffic chose the version, and not the client. Default: false. */
  routed?: boolean
  /** The job that this one runs again. Default: none. */
  rerunOf?: JobId | null
  /** The batch that it is a row of. Default: none. */
  batch?: string | null
  /**
   * The client's key and a hash of its body; null when the client sent no key. A key belongs to its job for 24 hours from
   * the submit, whatever becomes of the job. `keptMs` is for a key that was made for a client that sent none: it belongs to its job
   * for so long, and only until that is canceled.
   */
  idempotency: { key: string; bodyHash: string; keptMs?: number } | null
}

export type SubmitResult =
  | { outcome: 'created'; record: JobRecord }
  /** The same key and body came before: that job. The caller's own id was not used. */
  | { outcome: 'replayed'; record: JobRecord }
  /** The same, of a job that was purged since: nothing is run again. */
  | { outcome: 'purged'; id: JobId }
  /** The key came before, with another body. */
  | { outcome: 'mismatch' }
  /** `tenant`: this tenant's open jobs; `model`: all open jobs of the model. */
  | { outcome: 'limited'; scope: 'tenant' | 'model'; open: number; limit: number }
  /** Somebody has paused the model, or the version that the job names, and wants no submits meanwhile. */
  | { outcome: 'paused' }
  /** The jobs of this tenant have used devices today for as long as they may. */
  | { outcome: 'spent'; resetsMs: number }
  /** All that its tenant has is being erased, or was a short while ago. */
  | { outcome: 'barred' }
  /** The store has no room for new work; what it has accepted goes on. */
  | { outcome: 'full' }

/** What would become of a submit, as far as is known before. */
export type TryResult =
  /** `isLate`: it would probably not start before it expires. */
  | { outcome: 'possible'; place: QueuePlace; isLate: boolean }
  | { outcome: 'replayed'; id: JobId }
  | Extract<SubmitResult, { outcome: 'purged' | 'mismatch' | 'paused' | 'spent' | 'limited' }>

/** What became of a key that was used before, and for which job. */
export type SeenKey =
  | { outcome: 'replayed'; id: JobId }
  | { outcome: 'purged'; id: JobId }
  | { outcome: 'mismatch'; id: JobId }

export interface JobIntake {
  /** One script call; `created` means that the job is kept. */
  submit(job: NewJob): Promise<SubmitResult>
  /** Whether a key was used before, as a submit of the same would find it. Undefined: it was not, or there is none. */
  seen(job: Pick<NewJob, 'id' | 'tenant' | 'idempotency'>): Promise<SeenKey | undefined>
  /** Keeps nothing. Whether there is room in the store is not asked. */
  tryOut(job: NewJob): Promise<TryResult>
}
