/**
 * What an attempt keeps so that the next one can go on from there: how the record has it, how a reader of the job sees it, and why
 * it may not be kept.
 */
import { z } from 'zod'
import { storedValueSchema } from '../files/file.ts'

const time = z.iso.datetime()

/** Why a checkpoint was not kept, in words for the author of the model. None of it ends the run. */
export const CHECKPOINT_REFUSALS = {
  too_often: 'One checkpoint a second is kept, and a few more at the beginning.',
  too_large: 'The state and the files take more than is kept.',
  too_many_files: 'A checkpoint has too many files.',
  invalid: 'The state is no JSON, or a file cannot be read.',
  unavailable: 'It could not be stored in time.',
  ended: 'The job has ended, is being stopped, or runs elsewhere by now.',
  off: 'Nobody keeps checkpoints here.',
} as const
export type CheckpointRefusal = keyof typeof CHECKPOINT_REFUSALS

/** What became of a checkpoint: it is kept whatever happens from now on, or it is not and the one before stays. */
export type CheckpointAnswer = { kept: true } | { kept: false; code: CheckpointRefusal; message: string }

/** The answer for one that was not kept. `message`: what is wrong, where more is known than the code says. */
export const notKept = (
  code: CheckpointRefusal,
  message: string = CHECKPOINT_REFUSALS[code],
): Extract<CheckpointAnswer, { kept: false }> => ({ kept: false, code, message })

/** Name that the model gave to a file of a checkpoint. */
export const checkpointFileNameSchema = z.string().min(1).max(128)

/** The newest checkpoint of a job, as the record keeps it. Internal: clients see when it was made and how large it is. */
export const checkpointSchema = z.object({
  created_at: time.describe('When it was kept.'),
  version: z.string().describe('Version of the model that made it. Only that one is given it.'),
  folder: z.string().describe('Folder of its objects, see checkpointPrefix. Empty when it has none.'),
  stored_bytes: z.number().int().min(0).describe('What it takes in the object store.'),
  state: z.union([z.object({ inline: z.string() }), z.object({ stored: storedValueSchema })]),
  files: z.array(storedValueSchema.extend({ name: checkpointFileNameSchema })),
})
export type Checkpoint = z.infer<typeof checkpointSchema>

/** The checkpoint of a job as the API shows it. */
export const checkpointViewSchema = z
  .object({
    created_at: time.describe('When it was kept.'),
    bytes: z.number().int().describe('State and files together.'),
  })
  .meta({ id: 'JobCheckpoint' })
