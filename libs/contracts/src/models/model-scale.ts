/**
 * How many workers a model needs, as plain numbers for whoever starts and ends workers. Reckoned by `libs/queue`, served by `apps/api`,
 * read by the client, the CLI and autoscalers.
 */
import { z } from 'zod'
import { modelNameSchema } from '../manifest.ts'

/** What may be asked for, and what holds when nothing is asked. */
export const SCALE_ASK = {
  targetWaitSeconds: 30,
  minWorkers: 0,
  maxWorkers: 100,
  mostSeconds: 3600,
  mostWorkers: 10_000,
} as const

const count = z.number().int().min(0)
const seconds = z.number().min(0)
const part = z.number().min(0).max(1)

export const SCALE_REASONS = {
  idle: 'Nothing waits, nothing runs, and nothing came of late.',
  demand: 'So many are needed for what waits, what runs and what comes.',
  held: 'Fewer are needed now; so many were needed a moment ago.',
  min: 'Fewer are needed; no fewer were asked for.',
  max: 'More are needed; no more were asked for.',
  paused: 'Somebody has paused what waits: more workers would be given nothing.',
} as const satisfies Record<string, string>
export type ScaleReason = keyof typeof SCALE_REASONS

const depth = {
  queue_depth: count.describe('Jobs that wait and whose time has come.'),
  oldest_wait_seconds: seconds.describe(
    'How long the one has waited that waits longest, of the tenants that are first in turn. 0: none waits.',
  ),
  workers: count.describe('Workers that serve it, seen within the last 15 s.'),
  slots: count.describe('Jobs that these can run at once.'),
  busy_fraction: part.describe('Part of these slots on which a job ran in the last seconds. 0 without slots.'),
  desired_workers: count,
}

export const scalePoolSchema = z
  .object({
    version: z.string(),
    current: z.boolean().describe('Submits that name no version are for this one.'),
    ...depth,
    desired_workers: count.describe('How many workers of this version are needed, within `max_workers`.'),
    reason: z.enum(Object.keys(SCALE_REASONS) as [ScaleReason, ...ScaleReason[]]),
    run_seconds: seconds.nullable().describe('How long one of its jobs has a slot, as measured. Null: not known yet.'),
    slots_per_worker: z.number().min(0).nullable().describe('Jobs that one worker runs at once. Null: not known yet.'),
    cold_start_seconds: seconds
      .nullable()
      .describe('How long a worker took to load the model the last time. Null: not known yet.'),
    hold_seconds: seconds.describe('How long a need is kept to after it was greatest.'),
  })
  .meta({ id: 'ScalePool' })
export type ScalePool = z.infer<typeof scalePoolSchema>

export const scaleLineSchema = z
  .object({
    version: z.string().nullable().describe('Jobs that are pinned to this version. Null: those of a contract.'),
    contract: z.string().nullable().describe('The name of the schemas whose jobs any version may run that has them.'),
    pool: z.string().nullable().describe('The version whose workers these jobs count to. Null: none is known.'),
    ...depth,
    desired_workers: count.describe('How many workers what waits in it alone needs.'),
  })
  .meta({ id: 'ScaleLine' })
export type ScaleLine = z.infer<typeof scaleLineSchema>

export const modelScaleSchema = z
  .object({
    object: z.literal('model_scale'),
    model: modelNameSchema,
    version: z.string().nullable().describe('The version that was asked for. Null: all of them together.'),
    ...depth,
    desired_workers: count.describe(
      'How many workers there should be, within `min_workers` and `max_workers`. 0: nothing is to be done, so that none need be there.',
    ),
    reason: scalePoolSchema.shape.reason,
    running: count.describe('Jobs in the hands of workers, of all versions.'),
    scheduled: count.describe('Jobs whose time has not come, of all versions. They are not in `queue_depth`.'),
    target_wait_seconds: seconds,
    min_workers: count,
    max_workers: count,
    pools: z
      .array(scalePoolSchema)
      .describe(
        'By version: those that have workers or jobs, and the current one. What `min_workers` asks for is not in it.',
      ),
    lines: z.array(scaleLineSchema).describe('Where jobs wait: at most 20, those with the most jobs first.'),
  })
  .meta({ id: 'ModelScale' })
export type ModelScale = z.infer<typeof modelScaleSchema>
