/**
 * What objects are called in the object store. Whoever writes one or looks for one asks here, so that a key says whose
 * it is.
 */
import type { JobId } from '../ids.ts'

/** The objects of a job alone, every attempt's outputs among them: what a purge deletes. Ends with a slash. */
export const jobPrefix = (tenant: string, jobId: JobId): string => `${JOBS}${tenant}/${jobId}/`

/**
 * Bytes that a tenant gave us, kept once however often they come: uploads and the input files of jobs. `object` is random,
 * so bytes that come again after they were deleted get another key, which a late delete cannot hit.
 */
export const blobKey = (tenant: string, object: string): string => `${BLOBS}${tenant}/${object}`
export const BLOBS = 'blobs/'
export const JOBS = 'jobs/'

/** The tenant and object of a blob's key; undefined when it is none. */
export function blobOfKey(key: string): { tenant: string; object: string } | undefined {
  const [, tenant, object] = /^blobs\/([^/]+)\/([^/]+)$/.exec(key) ?? []
  return tenant === undefined || object === undefined ? undefined : { tenant, object }
}

/** The tenant and job that an object below `jobs/` belongs to; undefined when it is none. */
export function jobOfKey(key: string): { tenant: string; jobId: JobId } | undefined {
  const [, tenant, jobId] = /^jobs\/([^/]+)\/(job_[^/]+)\//.exec(key) ?? []
  return tenant === undefined || jobId === undefined ? undefined : { tenant, jobId }
}

/**
 * Prefix of what a job keeps beside its files: an input too large for the record. Each submit has a fresh job id, so a
 * retried one never meets the keys of an earlier one.
 */
export const inputPrefix = (tenant: string, jobId: JobId): string => `${jobPrefix(tenant, jobId)}in/`

/** Prefix of the log of a job that has ended: what of it was too much to stay in Redis. */
export const logPrefix = (tenant: string, jobId: JobId): string => `${jobPrefix(tenant, jobId)}log/`

/**
 * Prefix of one attempt's outputs. The fence makes it unique per attempt, the nonce per try of that attempt, so a
 * frozen worker that wakes up can only write beside the winner, never over it.
 */
export const outputPrefix = (tenant: string, jobId: JobId, fence: number, nonce: string): string =>
  `${jobPrefix(tenant, jobId)}out/${fence}-${nonce}/`
