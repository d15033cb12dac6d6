import type { JobId } from './job-id.ts'

/** All objects of a job, inputs and every attempt's outputs: what a purge deletes. Ends with a slash. */
export const jobPrefix = (tenant: string, jobId: JobId): string => `jobs/${tenant}/${jobId}/`

/** Prefix of a job's inputs. Each submit has a fresh job id, so a retried one never meets the keys of an earlier one. */
export const inputPrefix = (tenant: string, jobId: JobId): string => `${jobPrefix(tenant, jobId)}in/`

/**
 * Prefix of one attempt's outputs. The fence makes it unique per attempt, the nonce per try of that attempt, so a
 * frozen worker that wakes up can only write beside the winner, never over it.
 */
export const outputPrefix = (tenant: string, jobId: JobId, fence: number, nonce: string): string =>
  `${jobPrefix(tenant, jobId)}out/${fence}-${nonce}/`
