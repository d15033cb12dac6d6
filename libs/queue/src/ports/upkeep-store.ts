/**
 * What the platform asks on its own behalf, whoever a job belongs to: no request of a client comes here. Called by the worker's
 * reconciler and sweeper, and by attempts that look at their own job.
 */
import type { JobId } from '@millrace/contracts'
import type { JobFound } from './job-reader.ts'
import type { SteeringUpkeep } from './steering/model-steering.ts'

export interface UpkeepReader {
  get(id: JobId): Promise<JobFound>
}

export interface Reconciled {
  /** Running jobs whose worker was lost: back in the line, or failed where that came too often. */
  recovered: number
  expired: number
  /** Canceled because their worker was lost after the wish. */
  abandoned: number
  /** There is more to look at now. */
  more: boolean
  /** There is something to be carried over from the former layout. */
  former: boolean
  /** Jobs are to be canceled: see `cancelPage`. */
  cancels: boolean
  /** Jobs are to be moved to another version: see RelocationUpkeep. */
  relocates: boolean
  /** Objects of checkpoints are to be deleted: see `droppedCheckpoints`. */
  drops: boolean
  /** Its versions were steered some time; see SteeringUpkeep. */
  steered: boolean
}

/** What one page of jobs of the former layout came to. */
export interface CarriedOver {
  /** Waiting jobs that are in their lines now. */
  carried: number
  /** Jobs that run in a process of the former layout, which is watched from now on. */
  adopted: number
  /** Records that lack what a job must have. They are left as they are, and their ids are in the key `refused` of the shard. */
  refused: number
  more: boolean
}

export interface PurgedPage {
  /** Purged jobs that may have objects and hold files: these are to be deleted now. */
  purged: { id: JobId; tenant: string }[]
  /** There is more to purge now. */
  more: boolean
}

/** A checkpoint that nobody goes on from any more. */
export interface DroppedCheckpoint {
  id: JobId
  tenant: string
  folder: string
}

/** Each call looks at one page of one model. Any number of processes may call at once. */
export interface UpkeepStore extends UpkeepReader, SteeringUpkeep {
  /** Every model that was ever published. */
  models(): Promise<string[]>
  /** Looks at leases that have ended, jobs whose time has come, and those past their deadline. */
  reconcile(model: string): Promise<Reconciled>
  /** Carries jobs over from the former layout of Redis. Safe at any time, and at once with processes of that layout. */
  carryOver(model: string): Promise<CarriedOver>
  /** Cancels the next jobs that somebody wants to be canceled by what they have in common. Answers whether there are more. */
  cancelPage(model: string): Promise<boolean>
  /** Checkpoints whose objects are to be deleted now: those of a page are the caller's own for a few seconds. */
  droppedCheckpoints(model: string): Promise<DroppedCheckpoint[]>
  /** Its objects are gone. */
  forgetCheckpoint(dropped: DroppedCheckpoint): Promise<void>
  /** Purges ended jobs whose retention is over and whose webhooks are not owed any more. */
  purgeDue(model: string): Promise<PurgedPage>
  /** Objects and files of a purged job are gone too. */
  purged(id: JobId, tenant: string): Promise<void>
}
