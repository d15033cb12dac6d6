/**
 * Purges a job: deletes its record, then its objects, then its hold on files, and last the note that says that they must go.
 * The API calls it when a client deletes a job. The reconciler continues purges that were interrupted by a kill, and purges
 * jobs whose retention is over. Each step may be done twice. A blob that nobody holds any more is in the trash until it is
 * deleted, so the sweeper deletes it when a process was killed before that.
 */
import { forEachLimited } from '@millrace/async'
import { type JobId, jobPrefix } from '@millrace/contracts'
import type { ObjectEraser } from '../port/object-store.ts'
import { deleteBlobs } from './store-blob.ts'

/** The knowledge of jobs that a purge needs. The queue room implements it. */
export interface PurgeStore {
  /** Deletes the record and notes, in the same step, that the rest must go. `missing`: there is no record. */
  purge(id: JobId, tenant: string): Promise<'purged' | 'running' | 'missing'>
  /** Deletes the note, because the rest is gone. */
  purged(id: JobId, tenant: string): Promise<void>
}

/** Knows who holds which blobs. The queue room implements it. */
export interface HoldStore {
  /**
   * The holder, a job or an uploaded file, lets go of its blobs. Resolves with the keys of those that nobody holds any more.
   */
  release(tenant: string, holder: string): Promise<string[]>
  /** Tells that the objects of these keys are deleted from the store. */
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

/** `running`: nothing was changed. When the record is gone already, the rest of the job is still purged. */
export type PurgeResult = { outcome: 'purged' } | { outcome: 'running' }

/**
 * The record goes first: as long as it exists, the job can be run again and needs its files. When a process is killed after
 * that step, the note remains and the reconciler finishes the purge.
 */
export async function purgeJob(deps: PurgeDeps, job: PurgedJob): Promise<PurgeResult> {
  if ((await deps.jobs.purge(job.id, job.tenant)) === 'running') return { outcome: 'running' }
  await finishPurge(deps, job)
  return { outcome: 'purged' }
}

/** Purges the rest of a job whose record is gone. */
export async function finishPurge(deps: PurgeDeps<Pick<PurgeStore, 'purged'>>, job: PurgedJob): Promise<void> {
  await deps.objects.deletePrefix(jobPrefix(job.tenant, job.id))
  await dropHold(deps, job.tenant, job.id)
  await deps.jobs.purged(job.id, job.tenant)
}

/** The same for several. What is left out by a fault has its note, and is found by the reconciler. */
export async function finishPurges(
  deps: PurgeDeps<Pick<PurgeStore, 'purged'>>,
  jobs: readonly PurgedJob[],
  onFault: (error: unknown) => void,
): Promise<void> {
  await forEachLimited(jobs, PURGED_AT_ONCE, (job) => finishPurge(deps, job).catch(onFault))
}

/** Jobs whose objects are deleted at once. */
const PURGED_AT_ONCE = 16

/** Releases the hold of a job or an uploaded file, and deletes the blobs that nobody holds any more. */
export async function dropHold({ files, objects }: DropDeps, tenant: string, holder: string): Promise<void> {
  const dropped = await files.release(tenant, holder)
  await deleteBlobs(objects, { deleted: (keys) => files.deleted(tenant, keys) }, dropped)
}
