/** One attempt at a job, as the record tells it and the API shows it. Part of jobRecordSchema and jobSchema. */
import { z } from 'zod'

const time = z.iso.datetime()

/**
 * What became of an attempt. `released`: its worker gave the job back, blaming nobody. `worker_lost`: nobody heard of the worker
 * any more.
 */
export const ATTEMPT_OUTCOMES = ['running', 'succeeded', 'failed', 'canceled', 'released', 'worker_lost'] as const

export const attemptSchema = z
  .object({
    number: z
      .number()
      .int()
      .nullable()
      .describe(
        'Which start of the model it was; null when it ended before its model began. That does not count as an attempt.',
      ),
    worker: z.string().nullable().describe('The worker that had it.'),
    version: z.string().nullable().describe('Version of the model that the worker has.'),
    device: z.string().nullable().describe('What the model ran on, if that is known.'),
    claimed_at: time.nullable().describe('When it was given to the worker.'),
    started_at: time.nullable().describe('When its model began. Null when it did not, or when that is not known.'),
    ended_at: time.nullable().describe('When its end was written down. Null while it goes on.'),
    queue_seconds: z
      .number()
      .nullable()
      .describe(
        'From when the job could be started (its submit or `run_at`, the end of the attempt before, a rerun) until its model began, the time that it waited in the worker included; until the end when the model did not begin.',
      ),
    fetch_seconds: z
      .number()
      .nullable()
      .describe(
        'Of the time in its worker before its model began: how long its input and files were fetched. Null when nothing was, and when that is not known.',
      ),
    run_seconds: z
      .number()
      .nullable()
      .describe('How long the model ran, if it came to an end; of a call that answered several jobs, its part.'),
    resumed: z.boolean().describe('True when it went on from the checkpoint of an attempt before it.'),
    outcome: z.enum(ATTEMPT_OUTCOMES),
    error: z
      .string()
      .nullable()
      .describe('Code of the error that it ended with. After a retry the job itself does not tell that any more.'),
  })
  .meta({ id: 'JobAttempt' })
export type Attempt = z.infer<typeof attemptSchema>
