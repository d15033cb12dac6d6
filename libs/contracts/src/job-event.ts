import { z } from 'zod'
import { jobStatusSchema } from './job-status.ts'

/** What can happen to a job, in the order it happened. The log is capped; ids grow. */
export const jobEventSchema = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('status'),
      status: jobStatusSchema,
      attempt: z.number().int(),
      reason: z.string().optional(),
    }),
    z.object({ type: z.literal('progress'), fraction: z.number().min(0).max(1), message: z.string().optional() }),
    z.object({ type: z.literal('log'), level: z.enum(['debug', 'info', 'warn', 'error']), message: z.string() }),
    z.object({ type: z.literal('output'), chunk: z.unknown().describe('One piece of a streamed output.') }),
  ])
  .meta({ id: 'JobEvent' })
export type JobEvent = z.infer<typeof jobEventSchema>

export interface LoggedEvent {
  /** Position in the job's log, to resume from. */
  readonly id: string
  /** When it happened, by Redis' clock. */
  readonly at: string
  readonly event: JobEvent
}
