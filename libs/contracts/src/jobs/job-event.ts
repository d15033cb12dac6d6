/**
 * The events of a job: those kept in its log, which a stream repeats in order, and those that exist only in a stream.
 */
import { z } from 'zod'
import { jobSchema } from './job.ts'
import { jobQueueSchema } from './job-queue.ts'
import { jobStatusSchema } from './job-status.ts'

const statusEvent = z.object({
  type: z.literal('status'),
  status: jobStatusSchema,
  attempt: z.number().int().describe('Starts of the model so far, with the one that begins.'),
  reason: z
    .string()
    .optional()
    .describe(
      'The reason, if the status alone does not tell it: an error code, `released`, `worker lost`, or `resumed` for a start from a checkpoint.',
    ),
})
const progressEvent = z.object({
  type: z.literal('progress'),
  fraction: z.number().min(0).max(1).describe('Share of the work that is done.'),
  message: z.string().optional().describe("The model's own words, if it gave any."),
})
const logEvent = z.object({
  type: z.literal('log'),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string().describe('One line. When a model writes too many, a line says how many were left out.'),
})
const outputEvent = z.object({
  type: z.literal('output'),
  chunk: z.unknown().describe('One piece of a streamed output.'),
})

/**
 * An event that is kept in a job's log. Ids grow in the order in which things happened; only the newest events are kept
 * (LIMITS.eventsPerJob).
 */
export const jobEventSchema = z.discriminatedUnion('type', [statusEvent, progressEvent, logEvent, outputEvent])
export type JobEvent = z.infer<typeof jobEventSchema>

/** An event with its place in the log. */
export interface LoggedEvent {
  /** Position in the job's log. A reader continues after it. */
  readonly id: string
  /** When it happened, by Redis' clock. */
  readonly at: string
  readonly event: JobEvent
}

const at = z.iso.datetime().describe("When it happened, by the server's one clock.")
const logged = {
  id: z.string().describe('Send it as `Last-Event-ID` (or `?after=`) to continue after this event.'),
  at,
}
/** Fields of events about the stream itself. They have no id, because a reader cannot continue after them. */
const note = { at }

/**
 * Why a stream ended before its job ended. `closing`: the server stops. `time`: the stream was open for too long.
 * `erased`: the job was purged (the word is part of the API).
 */
export const STREAM_ENDS = ['closing', 'time', 'erased', 'key_ended'] as const

/**
 * One event as a watcher receives it: a line of `application/x-ndjson`, or the data of a server-sent event. Server-sent
 * `done` and `job` events carry the job itself as their data.
 */
export const streamedEventSchema = z
  .discriminatedUnion('type', [
    statusEvent.extend(logged),
    progressEvent.extend(logged),
    logEvent.extend(logged),
    outputEvent.extend(logged),
    z.object({ type: z.literal('done'), ...logged, job: jobSchema }).describe('The last event: the job has ended.'),
    z
      .object({ type: z.literal('job'), id: z.string().optional(), at, job: jobSchema })
      .describe(
        'The current job, at the beginning of a stream that was requested with a submit or with `after=latest`.',
      ),
    z
      .object({ type: z.literal('gap'), ...note, after: z.string() })
      .describe('Only the newest events are kept: some after `after` may be missing here. Read the job for its state.'),
    z
      .object({ type: z.literal('queue'), ...note, queue: jobQueueSchema })
      .describe('Where the job waits: when that has changed, every few seconds at most. It is not kept in the log.'),
    z
      .object({ type: z.literal('bye'), ...note, reason: z.enum(STREAM_ENDS) })
      .describe('The stream ends though the job goes on: connect again with the last id.'),
  ])
  .meta({ id: 'JobEvent' })
export type StreamedEvent = z.infer<typeof streamedEventSchema>
