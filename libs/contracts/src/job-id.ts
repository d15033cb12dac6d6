import { z } from 'zod'

/** Crockford's base32 in lower case: no i, l, o, u. */
const BASE32 = '[0-9a-hjkmnp-tv-z]'

/** `job_` + 8 characters that name the model's shard + 26 random ones (130 bits). Never made from client text. */
export const jobIdSchema = z
  .string()
  .regex(new RegExp(`^job_${BASE32}{34}$`))
  .describe('Id of the job, made by the server at submit.')
export type JobId = z.infer<typeof jobIdSchema>

/** `file_` + the body of its job's id + `_i` (input) or `_o` (output) + its number in that job. */
export const fileIdSchema = z
  .string()
  .regex(new RegExp(`^file_${BASE32}{34}_[io][0-9]{1,4}$`))
  .describe('Id of a stored file; names the job it belongs to.')

/** The id of a job's nth input (`i`) or output (`o`) file. */
export const fileIdOf = (jobId: JobId, side: 'i' | 'o', index: number): string =>
  `file_${jobId.slice(4)}_${side}${index}`

/** The job that a file id belongs to; undefined when the text is no file id. */
export function jobOfFileId(fileId: string): JobId | undefined {
  return fileIdSchema.safeParse(fileId).success ? `job_${fileId.slice(5, 39)}` : undefined
}

/** The 8 characters of a job id that name its model's shard. */
export const tagOfJobId = (jobId: JobId): string => jobId.slice(4, 12)
