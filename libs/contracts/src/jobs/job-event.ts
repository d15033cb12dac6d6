/**
 * What can happen to a job, as events: those of its log, which a stream tells in order, and those that only a stream
 * has.
 */
import { z } from 'zod'
import { jobSchema } from './job.ts'
import { jobStatusSchema } from './job-status.ts'

const statusEvent = z.object({
  type: z.literal('status'),
  status: jobStatusSchema,
  attempt: z.number().int().describe('Starts so far.'),
  reason: z.string().optional().describe('Why, where that is not plain: an error code, `released`, `worker lost`.'),
})
const progressEvent = z.object({
  type: z.literal('progress'),
  fraction: z.number().min(0).max(1).describe('Share of the work that is done.'),
  message: z.string().optional().describe("The model's own words, if it gave any."),
})
const logEvent = z.object({
  type: z.literal('log'),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string().describe('One line. A model that writes too many is told of: how many were left out.'),
})
const outputEvent = z.object({
  type: z.literal('output'),
  chunk: z.unknown().describe('One piece of a streamed output.'),
})

/** What can happen to a job, in the order it happened. The log is capped; ids grow. */
export const jobEventSchema = z.discriminatedUnion('type', [statusEvent, progressEvent, logEvent, outputEvent])
export type JobEvent = z.infer<typeof jobEventSchema>

export interface LoggedEvent {
  /** Position in the job's log, to resume from. */
  readonly id: string
  /** When it happened, by Redis' clock. */
  readonly at: string
  readonly event: JobEvent
}

const at = z.iso.datetime().describe("When it happened, by the server's one clock.")
const logged = { id: z.string().describe('Send it as `Last-Event-ID` (or `?after=`) to go on behind it.'), at }
/** Sent about the stream, not about the job: nothing to resume from. */
const note = { at }

/** Why a stream ended before its job. `erased`: there is nothing to come back to. */
export const STREAM_ENDS = ['closing', 'time', 'erased'] as const

/**
 * One event as a watcher gets it: a line of `application/x-ndjson`, or the data of a server-sent event of that name
 * (there `done` and `job` carry the job itself).
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
        'The job as it stands, at the beginning of a stream that was asked for with a submit or `after=latest`.',
      ),
    z
      .object({ type: z.literal('gap'), ...note, after: z.string() })
      .describe(
        'Only the newest events are kept: some behind `after` may be missing here. Read the job for its state.',
      ),
    z
      .object({ type: z.literal('bye'), ...note, reason: z.enum(STREAM_ENDS) })
      .describe('The stream ends though the job goes on: connect again with the last id.'),
  ])
  .meta({ id: 'JobEvent' })
export type StreamedEvent = z.infer<typeof streamedEventSchema>
