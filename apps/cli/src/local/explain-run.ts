/** Explains in plain words how a run without a server ended. Called by `millrace run` and `check`. */
import type { LocalRun } from '@millrace/host'
import { plainText } from '../terminal/plain-text.ts'

/** Undefined when all is well. Else a sentence that says what is wrong, then lines with details. */
export function explainRun({ outcome, fault }: LocalRun): string[] | undefined {
  switch (outcome.kind) {
    case 'done':
      if (fault === undefined) return undefined
      return [
        `Its answer does not fit its own output schema: ${fault.pointer || 'the output'} ${fault.message}.`,
        'A job would fail with invalid_output. Correct the answer, or the schema.',
      ]
    case 'failed':
      return [
        `${FAILED[outcome.code]}: ${plainText(outcome.message)}`,
        ...(outcome.traceback === undefined ? [] : plainText(outcome.traceback, 8000).trimEnd().split('\n')),
      ]
    case 'crashed': {
      const how = outcome.signal
        ? `was ended by ${outcome.signal}`
        : `exited with code ${outcome.exitCode ?? 'unknown'}`
      return [`Its process ${how} before it answered. A job would be tried again, three times in all.`]
    }
    case 'timeout':
      return [`It took longer than its time-out (${outcome.runSeconds.toFixed(0)} s).`]
    case 'canceled':
    case 'displaced':
      return ['It was stopped.']
    case 'protocol_error':
      return [`Its process broke the runner protocol: ${plainText(outcome.message)}`]
    default:
      return outcome satisfies never
  }
}

const FAILED = {
  model_error: 'It raised an error',
  invalid_input: 'It refused the input',
  invalid_output: 'Its answer cannot be used',
} as const

/** The error code that docs/errors.md gives for the same failure. */
export function errorCodeOf({ outcome, fault }: LocalRun): string | undefined {
  if (outcome.kind === 'done') return fault && 'invalid_output'
  if (outcome.kind === 'failed') return outcome.code
  return outcome.kind === 'crashed' ? 'runner_crashed' : outcome.kind
}
