/** Where a queued job waits, as the API shows it. Part of a job, of the `queue` event and of the answer to a dry run. */
import { z } from 'zod'

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

export const etaSchema = z
  .object({
    p50: z.number().min(0).describe('As likely before as after that.'),
    p90: z.number().min(0).describe('Nine times of ten before that.'),
  })
  .describe(
    'In how many seconds its model will probably begin, as things are now; jobs that come later and go first are not foreseen. Rounded.',
  )

export const jobQueueSchema = z.object({
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
export type JobQueue = z.infer<typeof jobQueueSchema>
