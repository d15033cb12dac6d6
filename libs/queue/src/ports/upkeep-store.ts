/**
 * What the platform asks on its own behalf, whoever a job belongs to: no request of a client comes here. Called by the worker's
 * reconciler and sweeper, and by attempts that look at their own job.
 */
import type { JobId } from '@millrace/contracts'
import type { JobFound } from './job-reader.ts'

export interface UpkeepReader {
  get(id: JobId): Promise<JobFound>
}

export interface Reconciled {
  /** Open jobs that the transport had lost, or had put off by a wrong clock, and now has again. */
  repaired: number
  expired: number
  /** Canceled because their worker fell silent after the wish. */
  abandoned: number
  /** There is more to look at now. */
  more: boolean
}

export interface PurgedPage {
  /** Purged jobs that may have objects and hold files: these are to be deleted now. */
  purged: { id: JobId; tenant: string }[]
  /** There is more to purge now. */
  more: boolean
}

/** Each call looks at one page of one model. Any number of processes may call at once. */
export interface UpkeepStore extends UpkeepReader {
  /** Every model that was ever published. */
  models(): Promise<string[]>
  /** Looks at open jobs whose time has come, and for lost tickets: expires, abandons, hands out tickets. */
  reconcile(model: string): Promise<Reconciled>
  /** Purges ended jobs whose retention is over and whose webhooks are not owed any more. */
  purgeDue(model: string): Promise<PurgedPage>
  /** Objects and files of a purged job are gone too. */
  purged(id: JobId, tenant: string): Promise<void>
}
