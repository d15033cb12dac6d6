/**
 * A worker as it tells of itself, and as operators see it. The worker writes a `WorkerEntry` with every beat; the API, the client
 * and the CLI show it as a `WorkerView`.
 */
import { z } from 'zod'

const count = z.number().int().min(0)

/** Bounds of what one worker tells, so that an entry stays small whatever it serves. What is beyond is counted and not listed. */
export const WORKER_ENTRY = { models: 64, slots: 128, jobs: 128, textChars: 200, reasonChars: 500 } as const

export const WORKER_MODEL_STATES = ['loading', 'ready', 'failed', 'draining'] as const

const slotSchema = z.object({
  device: z.string().describe('`cpu` or `cuda:0`: one of `devices`.'),
  state: z
    .enum(['loading', 'idle', 'busy', 'quarantined'])
    .describe(
      '`loading`: the model is being loaded there, for the first time or after its process ended. `quarantined`: runs on the device failed, and so did the check of a new process; it is tried again by itself.',
    ),
  jobs: z.array(z.string()).describe('Jobs that run there.'),
})

export const workerModelSchema = z
  .object({
    label: z.string().describe('The name of its folder.'),
    name: z
      .string()
      .nullable()
      .describe(
        'Until it has loaded: what it will be called by its settings or its folder. Null when that is no name for a model.',
      ),
    version: z.string().nullable().describe('Null until it has loaded.'),
    state: z
      .enum(WORKER_MODEL_STATES)
      .describe('`failed`: it could not be loaded, see `reason`. It is tried again unless its files are at fault.'),
    reason: z.string().nullable().describe('Why it could not be loaded the last time.'),
    refused: z
      .boolean()
      .default(false)
      .describe('This worker does not try to load it again: it is `failed` for good here, for `reason`.'),
    places: count.describe('Number of jobs that it can run at once here; 0 until it has loaded.'),
    held: count.describe('Jobs in hand: those that run, and those held ahead, so that no slot waits for the network.'),
    slots: z.array(slotSchema),
    ahead: z
      .array(z.string())
      .describe('Jobs in hand that run in no slot: their files are fetched or stored, or they wait for a slot.'),
  })
  .meta({ id: 'WorkerModel' })

const deviceSchema = z.object({
  device: z.string().describe('`cpu` or `cuda:0`.'),
  index: z.number().int().nullable().describe('Of a GPU, as its driver counts.'),
  name: z.string().nullable(),
  driver: z.string().nullable().default(null).describe('Version of its driver.'),
  memory_bytes: z.number().int().nullable(),
  memory_used_bytes: z
    .number()
    .int()
    .nullable()
    .default(null)
    .describe('Of all processes on it, some seconds ago. Null: not known, as for `cpu`.'),
  utilization: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .default(null)
    .describe(
      'Part of the time in which it worked at something, some seconds ago, as its driver tells. Null: not known.',
    ),
})

/** What a worker says of itself. */
export const workerEntrySchema = z.object({
  host: z.string().describe('The name of its machine, or of its container.'),
  pid: z.number().int().describe('The number of its process there.'),
  millrace_version: z.string(),
  state: z.enum(['up', 'draining', 'drained', 'stopping']),
  held: count.describe('Jobs in hand, of all models. At 0 a drained worker may be ended without any job noticing.'),
  models: z.array(workerModelSchema),
  devices: z.array(deviceSchema),
})
export type WorkerEntry = z.infer<typeof workerEntrySchema>
export type WorkerModelEntry = WorkerEntry['models'][number]
export type WorkerDevice = WorkerEntry['devices'][number]

export const WORKER_STATES = ['up', 'draining', 'drained', 'stopping', 'lost'] as const

export const workerViewSchema = workerEntrySchema
  .extend({
    object: z.literal('worker'),
    id: z.string().describe('Names this process; a worker that is started again gets another.'),
    state: z
      .enum(WORKER_STATES)
      .describe(
        '`draining`: it was asked to take nothing more, and ends what it has. `drained`: it has nothing in hand. `stopping`: its process ends. `lost`: nothing was heard of it for 15 s.',
      ),
    started_at: z.iso.datetime(),
    last_beat_at: z.iso.datetime(),
  })
  .meta({ id: 'Worker' })
export type WorkerView = z.infer<typeof workerViewSchema>

export const workerListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(workerViewSchema),
    next_cursor: z.string().nullable(),
    api_version: z.string().describe('The version of Millrace that answers: workers may be of another one meanwhile.'),
  })
  .meta({ id: 'WorkerList' })
export type WorkerList = z.infer<typeof workerListSchema>
