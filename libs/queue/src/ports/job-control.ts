/** What the owner of a job may do with it. Called by the API's routes. Another tenant's job is `missing`. */
import type { JobId, JobRecord } from '@millrace/contracts'
import type { JobFound, NotFound } from './job-reader.ts'

export type RerunResult =
  | { outcome: 'queued'; record: JobRecord }
  /** The job has not failed. */
  | { outcome: 'refused' }
  /** The store has no room for new work. */
  | { outcome: 'full' }
  | NotFound

/** `at`: the event up to which it was handed out; '' for none. */
export type HandOnResult = { outcome: 'moved' } | { outcome: 'at'; at: string } | { outcome: 'missing' }

export interface JobControl {
  /**
   * Notes up to which event the log of a job was handed to readers that keep no place of their own, as those do that ask for what is
   * new. Only from `from` on: who finds another place there reads on from that one. With the same for both it only asks.
   */
  handOn(id: JobId, tenant: string, from: string, to: string): Promise<HandOnResult>
  /** A job that waits is canceled at once, of one that runs the worker is told, one that has ended stays as it is. */
  cancel(id: JobId, tenant: string): Promise<JobFound>
  /** A failed job goes back to the line, with fresh counters and without the output it had. */
  rerun(id: JobId, tenant: string): Promise<RerunResult>
  /**
   * Takes away a record that waits (canceling it) or has ended, and what is owed and known of its webhooks; a tombstone stays.
   * What the job held is to be deleted then: the objects below its prefix, and its hold on files. Call `purged` when that is
   * done; if nobody does, the reconciler goes on from there.
   */
  purge(id: JobId, tenant: string): Promise<'purged' | 'running' | 'missing'>
  /** Objects and files of a purged job are gone too. */
  purged(id: JobId, tenant: string): Promise<void>
}
