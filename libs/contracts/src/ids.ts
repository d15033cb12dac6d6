/**
 * The ids of jobs and files: how they look, what one tells of another, and which shard they name. Made in
 * `libs/queue`.
 */
import { z } from 'zod'

/** Crockford's base32 in lower case: no i, l, o, u. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'

/** One digit of it, as a pattern. */
export const BASE32 = '[0-9a-hjkmnp-tv-z]'

/** 5 bits a character from the low bits of each byte; uniform because 32 divides 256. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += DIGITS[byte & 31]
  return text
}

/** `job_` + 8 characters that name the model's shard + 26 random ones (130 bits). Never made from client text. */
export const jobIdSchema = z
  .string()
  .regex(new RegExp(`^job_${BASE32}{34}$`))
  .describe('Id of the job, made by the server at submit.')
export type JobId = z.infer<typeof jobIdSchema>

/** `file_` + the body of its job's id + `_i` (input) or `_o` (output) + its number in that job. */
const JOB_FILE = new RegExp(`^file_${BASE32}{34}_[io][0-9]{1,4}$`)
export const jobFileIdSchema = z.string().regex(JOB_FILE).describe('Id of a file of a job; names the job.')

/** `file_` + 8 characters that name its tenant's shard + 18 random ones (90 bits). Never made from client text. */
const UPLOAD = new RegExp(`^file_${BASE32}{26}$`)
export const uploadIdSchema = z.string().regex(UPLOAD).describe('Id of an uploaded file.')
export type UploadId = z.infer<typeof uploadIdSchema>

/** Any file: an uploaded one, or one of a job. */
export const fileIdSchema = z
  .string()
  .regex(new RegExp(`${JOB_FILE.source}|${UPLOAD.source}`))
  .describe('Id of a stored file: an uploaded one, or one of a job.')

/** The id of a job's nth input (`i`) or output (`o`) file. */
export const fileIdOf = (jobId: JobId, side: 'i' | 'o', index: number): string =>
  `file_${jobId.slice(4)}_${side}${index}`

/** The job that a file id belongs to; undefined when it is the id of no job's file. */
export function jobOfFileId(fileId: string): JobId | undefined {
  return JOB_FILE.test(fileId) ? `job_${fileId.slice(5, 39)}` : undefined
}

/** The 8 characters of an uploaded file's id that name its tenant's shard. */
export const tagOfUploadId = (id: UploadId): string => id.slice(5, 13)

/** The 8 characters of a job id that name its model's shard. */
export const tagOfJobId = (jobId: JobId): string => jobId.slice(4, 12)
