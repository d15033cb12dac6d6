/** Where a queued job waits, as the API shows it. Part of a job, of the `queue` event and of the answer to a dry run. */
import { z } from 'zod'
import { etaSchema } from './eta.ts'
import { jobIdSchema } from '../ids.ts'
import { modelNameSchema } from '../manifest.ts'

/** Why a job does not start now. The text is for people, where the word alone says too little. */
export const WAIT_REASONS = {
  busy: 'All places of its workers are taken, or other jobs go before it.',
  no_worker: 'No worker serves it now.',
  loading: 'Its model is loading.',
  paused: 'Its model or its version is paused.',
  tenant_limit: 'As many jobs of yours run as may run at once.',
  scheduled: 'Its time has not come: `run_at`, or the wait before it is tried again.',
  suspect: 'It was in the hands of a worker that was lost, so it waits for one that does nothing else.',
} as const
export type WaitReason = keyof typeof WAIT_REASONS

export const jobQueueSchema = z
  .object({
    position: z
      .number()
      .int()
      .min(1)
      .nullable()
      .describe(
        'The place of the job among yours that the same workers may run; 1 is next. Null while its time (`run_at`, the wait of a retry) has not come, or while it waits for a worker that is idle.',
      ),
    ahead: z
      .number()
      .int()
      .min(0)
      .nullable()
      .describe(
        'How many jobs of yours are to start before it: those before it in its line, and older ones that are pinned to a version, or not, and that the same workers may run. Null when `position` is.',
      ),
    eta_seconds: etaSchema
      .nullable()
      .describe('Null while fewer than 20 runs are known, and when nobody can run it now.'),
    why: z
      .enum(Object.keys(WAIT_REASONS) as [WaitReason, ...WaitReason[]])
      .nullable()
      .describe(
        `Why it does not start now. ${Object.entries(WAIT_REASONS)
          .map(([word, text]) => `\`${word}\`: ${text}`)
          .join(' ')} Null when nothing is in its way. More words may come.`,
      ),
    workers: z.number().int().min(0).describe('Number of workers that could run it now.'),
    note: z.string().nullable().describe('The same as `why` in a sentence; null when that is null or `busy`.'),
  })
  .meta({ id: 'JobQueue' })
export type JobQueue = z.infer<typeof jobQueueSchema>

/** The answer to a submit with `dry_run`. */
export const dryRunSchema = z
  .object({
    object: z.literal('dry_run'),
    model: modelNameSchema,
    version: z.string().describe('The version whose schema the input was checked by.'),
    job_id: jobIdSchema
      .nullable()
      .describe('The job that the idempotency key belongs to already: a submit would answer with that one. Else null.'),
    late: z.boolean().describe('It would probably not start within `expires_in`. False when that is not known.'),
    queue: jobQueueSchema.nullable().describe('Where the job would wait. Null when there is one already.'),
  })
  .meta({ id: 'DryRun' })
export type DryRun = z.infer<typeof dryRunSchema>
