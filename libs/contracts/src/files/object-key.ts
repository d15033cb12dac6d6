/**
 * The names of objects in the object store. All code that writes or looks for an object asks here, so that every key
 * names its owner.
 */
import type { JobId } from '../ids.ts'

/**
 * Prefix of all objects that belong to one job alone, the outputs of every attempt included. A purge deletes all of
 * them. Ends with a slash.
 */
export const jobPrefix = (tenant: string, jobId: JobId): string => `${JOBS}${tenant}/${jobId}/`

/**
 * Key of a blob: bytes that a tenant sent, kept once even if they are sent often. Uploads and input files are blobs.
 * `object` is random: bytes that are sent again after their deletion get another key, so a late delete cannot hit them.
 */
export const blobKey = (tenant: string, object: string): string => `${BLOBS}${tenant}/${object}`
export const BLOBS = 'blobs/'
export const JOBS = 'jobs/'

/** The tenant and the random part of a blob's key. Undefined when the key is not the key of a blob. */
export function blobOfKey(key: string): { tenant: string; object: string } | undefined {
  const [, tenant, object] = /^blobs\/([^/]+)\/([^/]+)$/.exec(key) ?? []
  return tenant === undefined || object === undefined ? undefined : { tenant, object }
}

/** The tenant and job of a key below `jobs/`. Undefined when the key is not such a key. */
export function jobOfKey(key: string): { tenant: string; jobId: JobId } | undefined {
  const [, tenant, jobId] = /^jobs\/([^/]+)\/(job_[^/]+)\//.exec(key) ?? []
  return tenant === undefined || jobId === undefined ? undefined : { tenant, jobId }
}

/**
 * Prefix of an input that is too large for the record. Every submit has a new job id, so a repeated submit never meets
 * the keys of an earlier one.
 */
export const inputPrefix = (tenant: string, jobId: JobId): string => `${jobPrefix(tenant, jobId)}in/`

/** Prefix of the log of an ended job, as far as it was moved out of Redis. */
export const logPrefix = (tenant: string, jobId: JobId): string => `${jobPrefix(tenant, jobId)}log/`

/**
 * Prefix of one attempt's outputs. The fence is different for each attempt, the nonce for each try within it: a frozen
 * worker that wakes up writes beside the winner, never over it.
 */
export const outputPrefix = (tenant: string, jobId: JobId, fence: number, nonce: string): string =>
  `${jobPrefix(tenant, jobId)}out/${fence}-${nonce}/`

/** Prefix of the objects of one checkpoint. `folder`: what `checkpointFolder` gave. */
export const checkpointPrefix = (tenant: string, jobId: JobId, folder: string): string =>
  `${jobPrefix(tenant, jobId)}checkpoints/${folder}/`

/** The folder of one try to keep a checkpoint: no other try, of this attempt or another, has the same. */
export const checkpointFolder = (fence: number, nonce: string): string => `${fence}-${nonce}`

/** Which attempt wrote an object, by the fence, and as what. Undefined when no attempt did. */
export function attemptOfKey(key: string): { kind: 'out' | 'checkpoints'; fence: number } | undefined {
  const [, kind, fence] = /^jobs\/[^/]+\/[^/]+\/(out|checkpoints)\/(\d+)-/.exec(key) ?? []
  return kind === undefined ? undefined : { kind: kind as 'out' | 'checkpoints', fence: Number(fence) }
}
