/**
 * The ids of jobs and files: their form, how one is derived from another, and which shard they name. Ids are made in
 * `libs/queue`.
 */
import { z } from 'zod'

/** Crockford's base32 in lower case: without i, l, o and u. */
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'

/** One base32 digit as a regular expression. */
export const BASE32 = '[0-9a-hjkmnp-tv-z]'

/**
 * Makes one base32 digit from each byte (its low 5 bits). All digits are equally likely, because 256 is a multiple of
 * 32.
 */
export function base32(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += DIGITS[byte & 31]
  return text
}

/** `job_` + 8 characters for the model's shard + 26 random characters (130 bits). Nothing in it comes from a client. */
export const jobIdSchema = z
  .string()
  .regex(new RegExp(`^job_${BASE32}{34}$`))
  .describe('Id of the job, made by the server at submit.')
export type JobId = z.infer<typeof jobIdSchema>

/** `file_` + the job's id without `job_` + `_i` (input) or `_o` (output) + the file's number in that job, from 0. */
const JOB_FILE = new RegExp(`^file_${BASE32}{34}_[io][0-9]{1,4}$`)
export const jobFileIdSchema = z
  .string()
  .regex(JOB_FILE)
  .describe('Id of a file of a job. It contains the id of the job.')

/**
 * `file_` + 8 characters for the tenant's shard + 18 random characters (90 bits). Nothing in it comes from a client.
 */
const UPLOAD = new RegExp(`^file_${BASE32}{26}$`)
export const uploadIdSchema = z.string().regex(UPLOAD).describe('Id of an uploaded file.')
export type UploadId = z.infer<typeof uploadIdSchema>

/** Id of any file: an uploaded file, or a file of a job. */
export const fileIdSchema = z
  .string()
  .regex(new RegExp(`${JOB_FILE.source}|${UPLOAD.source}`))
  .describe('Id of a stored file: an uploaded one, or one of a job.')

/** The id of the input file (`i`) or output file (`o`) number `index` of a job. */
export const fileIdOf = (jobId: JobId, side: 'i' | 'o', index: number): string =>
  `file_${jobId.slice(4)}_${side}${index}`

/** The job that a file id belongs to. Undefined when it is not the id of a job's file. */
export function jobOfFileId(fileId: string): JobId | undefined {
  return JOB_FILE.test(fileId) ? `job_${fileId.slice(5, 39)}` : undefined
}

/** The 8 characters of an uploaded file's id that name the shard of its tenant. */
export const tagOfUploadId = (id: UploadId): string => id.slice(5, 13)

/** The 8 characters of a job id that name the shard of its model. */
export const tagOfJobId = (jobId: JobId): string => jobId.slice(4, 12)
