/**
 * Takes a job away for good: its record, then its objects, then its hold on files, then the note that they are to go. The
 * API calls it when a client deletes a job; the reconciler goes on where somebody was killed, and does the same for jobs
 * whose retention is over. Each step may be done twice. A blob that nobody holds any more is in the trash until it is
 * deleted: where somebody was killed just before that, the sweeper does it.
 */
import { type JobId, jobPrefix } from '@millrace/contracts'
import type { ObjectEraser } from '../port/object-store.ts'
import { deleteBlobs } from './store-blob.ts'

/** What is known of jobs, as far as a purge goes; implemented by the queue room. */
export interface PurgeStore {
  /** Takes the record away and notes, in the same step, that the rest is to go. `missing`: there is no record. */
  purge(id: JobId, tenant: string): Promise<'purged' | 'running' | 'missing'>
  /** Takes the note away: the rest is gone. */
  purged(id: JobId, tenant: string): Promise<void>
}

/** Who holds which blobs; implemented by the queue room. */
export interface HoldStore {
  /** The holder, a job or an uploaded file, lets go. Answers the keys of blobs that nobody holds any more. */
  release(tenant: string, holder: string): Promise<string[]>
  /** Those keys are gone from the store. */
  deleted(tenant: string, keys: readonly string[]): Promise<void>
}

export interface DropDeps {
  files: HoldStore
  objects: ObjectEraser
}

export interface PurgeDeps<Jobs = PurgeStore> extends DropDeps {
  jobs: Jobs
}

export interface PurgedJob {
  id: JobId
  tenant: string
}

/** `running`: nothing was changed. A record that is gone already is no hindrance: what is left of the job goes. */
export type PurgeResult = { outcome: 'purged' } | { outcome: 'running' }

/**
 * The record goes first: while it is there, the job can be run again, and needs its files. Whoever is killed after that
 * leaves the note, and the reconciler finishes.
 */
export async function purgeJob(deps: PurgeDeps, job: PurgedJob): Promise<PurgeResult> {
  if ((await deps.jobs.purge(job.id, job.tenant)) === 'running') return { outcome: 'running' }
  await finishPurge(deps, job)
  return { outcome: 'purged' }
}

/** The rest, of a job whose record is gone. */
export async function finishPurge(deps: PurgeDeps<Pick<PurgeStore, 'purged'>>, job: PurgedJob): Promise<void> {
  await deps.objects.deletePrefix(jobPrefix(job.tenant, job.id))
  await dropHold(deps, job.tenant, job.id)
  await deps.jobs.purged(job.id, job.tenant)
}

/** Lets a job or an uploaded file go, and deletes what nobody holds then. */
export async function dropHold({ files, objects }: DropDeps, tenant: string, holder: string): Promise<void> {
  const dropped = await files.release(tenant, holder)
  await deleteBlobs(objects, { deleted: (keys) => files.deleted(tenant, keys) }, dropped)
}
