/**
 * Why a job can fail: the table of codes, and the error that a failed job carries. docs/errors.md is generated from it.
 */
import { z } from 'zod'

interface JobErrorEntry {
  /** Whether the same input may succeed in another try. */
  readonly retryable: boolean
  /** What happened, in words for the error list. */
  readonly means: string
}

/** Every code that a failed job may carry. Docs, API and tests read this table. */
export const JOB_ERRORS = {
  invalid_input: {
    retryable: false,
    means: 'The model refused the input, or one of its files cannot be used: see `details.code`.',
  },
  invalid_output: {
    retryable: false,
    means: "The model's output does not fit its output schema, or checking it cost too much: see the message.",
  },
  model_error: { retryable: true, means: 'The model raised an error.' },
  runner_crashed: { retryable: true, means: "The model's process ended without an answer." },
  worker_lost: {
    retryable: true,
    means: 'The worker was lost while it held the job, and this happened as often as is allowed.',
  },
  timeout: { retryable: true, means: 'The model took longer than the job allows.' },
  expired: { retryable: true, means: 'No worker was free before the job expired.' },
  protocol_error: { retryable: false, means: "The model's process broke the runner protocol." },
  input_unavailable: {
    retryable: true,
    means: 'The input could not be read: the object store did not answer, or an address in the input did not.',
  },
  output_unavailable: { retryable: true, means: 'The output could not be written to the object store.' },
  internal: { retryable: true, means: 'Millrace itself failed.' },
} as const satisfies Record<string, JobErrorEntry>
export type JobErrorCode = keyof typeof JOB_ERRORS

const codes = Object.keys(JOB_ERRORS) as [JobErrorCode, ...JobErrorCode[]]

export const jobErrorSchema = z
  .object({
    code: z.enum(codes).describe('Stable code, from the closed list in docs/errors.md.'),
    message: z.string().describe('What happened, at most 1,024 characters.'),
    retryable: z.boolean().describe('Whether another try of the same input may succeed.'),
    attempt: z
      .number()
      .int()
      .describe('How often the model had been started when it ended with this error; 0 when it never was.'),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .describe(
        'More facts, depending on the code: exit_code, signal, traceback, faults; also what the model adds, such as its own code.',
      ),
  })
  .meta({ id: 'JobError' })
export type JobError = z.infer<typeof jobErrorSchema>
