/** What happened to the jobs of a model, minute by minute, for a day. Kept by `libs/queue`, served by `apps/api`. */
import { z } from 'zod'
import { modelNameSchema } from '../manifest.ts'

/** How far back it is known. Minutes. */
export const STATS_MINUTES = 1440

const count = z.number().int().min(0)
const time = z.iso.datetime()
const seconds = z.number().min(0)

const spread = z
  .object({
    count: count.describe('How many were measured.'),
    mean: seconds,
    p50: seconds.describe('Half of them took no longer. To about a tenth of itself, like `p95`.'),
    p95: seconds,
  })
  .describe('Seconds.')
  .meta({ id: 'StatsSpread' })
export type StatsSpread = z.infer<typeof spread>

export const statsRowSchema = z
  .object({
    at: time.describe('Where these minutes begin.'),
    submitted: count,
    reran: count.describe('Failed jobs that went back to the line because a client asked.'),
    succeeded: count.describe('Jobs that ended so, like the next two.'),
    failed: count,
    canceled: count,
    wait: spread
      .nullable()
      .describe('How long attempts waited until their model began. By when they ended. Null: none did.'),
    run: spread.nullable().describe('How long their model ran.'),
  })
  .meta({ id: 'StatsRow' })
export type StatsRow = z.infer<typeof statsRowSchema>

export const modelStatsSchema = z
  .object({
    object: z.literal('model_stats'),
    model: modelNameSchema,
    every: z.number().int().min(1).describe('Minutes in one row.'),
    since: time.describe('Where the first row could begin.'),
    to: time.describe('Where the minute ends that goes on. What is said of that minute is not complete.'),
    data: z.array(statsRowSchema).describe('The oldest first. Minutes in which nothing happened have no row.'),
    total: statsRowSchema.omit({ at: true }).describe('All rows together.'),
  })
  .meta({ id: 'ModelStats' })
export type ModelStats = z.infer<typeof modelStatsSchema>
