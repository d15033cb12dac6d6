/** What waits and runs of a model now, as operators look at it. Used by the API, the clients, the CLI and the page. */
import { z } from 'zod'
import { WAIT_REASONS, type WaitReason } from '../jobs/job-queue.ts'
import { modelNameSchema } from '../manifest.ts'

const count = z.number().int().min(0)
const rate = z.number().min(0)

const depth = {
  queued: count.describe('Jobs that wait, those among them whose time has not come.'),
  by_priority: z
    .object({ high: count, normal: count, low: count })
    .nullable()
    .describe(
      'The same by priority, exactly. Null: not known yet, which passes within seconds of an upgrade; jobs wait in more lines than are told; and of one tenant where more than 100 of its jobs wait in a line, or some whose time has not come.',
    ),
  oldest_wait_seconds: z
    .number()
    .min(0)
    .nullable()
    .describe(
      'How long ago the oldest job was submitted that waits and may start, or since when it could. Of the tenants that wait, those first and last in turn are looked at, at most 50. Null: none waits.',
    ),
  workers: count.describe('Workers that serve it, seen within the last 15 s.'),
  slots: count.describe('Jobs that these can run at once.'),
  paused: z.boolean().describe('Nothing of it is given out, because somebody said so.'),
  drain_seconds: z
    .number()
    .min(0)
    .nullable()
    .describe(
      'In how many seconds all that waits now has probably begun. Rounded. Null while fewer than 20 runs are known, when nobody can run it now, and for a key without the scope admin: it would tell of others.',
    ),
  why: z
    .enum(Object.keys(WAIT_REASONS) as [WaitReason, ...WaitReason[]])
    .nullable()
    .describe(
      'Why what waits does not start, as `queue.why` of a job. Null: nothing waits, or it starts. More words may come.',
    ),
  note: z.string().nullable().describe('The same in a sentence; null when that is null or `busy`.'),
}

export const queueLineSchema = z
  .object({
    version: z
      .string()
      .nullable()
      .describe('Jobs that are pinned to this version. Null: jobs that any version may run with the same schemas.'),
    contract: z.string().nullable().describe('The name of these schemas.'),
    ...depth,
    suspects: count.describe(
      'Of `queued`: jobs that were in the hands of a worker that was lost, and wait for one that does nothing else.',
    ),
  })
  .meta({ id: 'QueueLine' })
export type QueueLine = z.infer<typeof queueLineSchema>

export const queueStateSchema = z
  .object({
    object: z.literal('queue'),
    model: modelNameSchema,
    ...depth,
    scheduled: count
      .nullable()
      .describe('Of `queued`: those whose time has not come. Null for a key without the scope admin.'),
    running: count,
    in_per_minute: rate
      .nullable()
      .describe(
        'Jobs submitted or put back, on average of the last five whole minutes. Null for a key without the scope admin.',
      ),
    out_per_minute: rate.nullable().describe('Jobs that ended, likewise.'),
    lines: z
      .array(queueLineSchema)
      .describe('Where they wait: the lines in which most jobs wait come first, at most 20.'),
    lines_total: count,
  })
  .meta({ id: 'QueueState' })
export type QueueState = z.infer<typeof queueStateSchema>

export const queueListSchema = z
  .object({
    object: z.literal('list'),
    data: z
      .array(queueStateSchema)
      .describe('By name of the model. With the scope admin all jobs are counted, else your own.'),
  })
  .meta({ id: 'QueueList' })
export type QueueList = z.infer<typeof queueListSchema>
