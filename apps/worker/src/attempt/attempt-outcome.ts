/** How an attempt can end, and the words for it. Every step of the pipeline uses it. */
import { cutText, JOB_ERRORS, type JobError, type JobErrorCode, LIMITS } from '@millrace/contracts'
import type { RunOutput } from '@millrace/host'
import type { Blame, Failure, KeptOutput, Success } from '@millrace/queue'
import type { StopReason } from './stop-switch.ts'

/** Every way an attempt can end; settle-attempt.ts has one branch for each. */
export type AttemptOutcome =
  | ({ kind: 'succeeded' } & Success)
  /** `partial`, here and below: what the model had given so far, set by keep-partial.ts. */
  | ({ kind: 'failed' } & Failure)
  /** The client's cancel was carried out. */
  | { kind: 'stopped'; partial?: KeptOutput }
  /** Back to the line, blaming nobody: the worker drains, has no runner or no place to fetch, or another run took the runner down. `againMs`: not before. */
  | { kind: 'released'; againMs?: number }
  /** Fenced out: say nothing. */
  | { kind: 'lost' }

/** What a model gave, and the folder in which its files lie. */
export type GivenOutput = RunOutput & { folder: string }

/** Thrown by a step to end the attempt early; the pipeline catches it and settles. */
export class AttemptEnded extends Error {
  readonly outcome: AttemptOutcome
  /** What the model had given so far. */
  readonly partial: GivenOutput | undefined

  constructor(outcome: AttemptOutcome, { partial, ...options }: { cause?: unknown; partial?: GivenOutput } = {}) {
    super(`the attempt ended: ${outcome.kind}`, options)
    this.name = 'AttemptEnded'
    this.outcome = outcome
    this.partial = partial
  }
}

interface Fault {
  blame: Blame
  code: JobErrorCode
  message: string
  details?: JobError['details']
  runSeconds?: number
}

/** A failed outcome with its message cut to what a record may hold. */
export const failed = ({ blame, code, message, details, runSeconds }: Fault): AttemptOutcome => ({
  kind: 'failed',
  blame,
  error: {
    code,
    message: cutText(message, LIMITS.messageChars),
    retryable: JOB_ERRORS[code].retryable,
    ...(details && { details }),
  },
  ...(runSeconds !== undefined && { runSeconds }),
})

/** What becomes of an attempt that was stopped before it had a result. */
export function outcomeOfStop(reason: StopReason): AttemptOutcome {
  switch (reason) {
    case 'canceled':
      return { kind: 'stopped' }
    case 'drain':
    case 'halt':
      return { kind: 'released' }
    case 'lost':
      return { kind: 'lost' }
    default:
      return reason satisfies never
  }
}
