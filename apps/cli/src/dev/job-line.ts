/** Makes the line for an attempt that has ended: which job, how it ended, how long it took, and why. Called by AuthorScreen. */
import type { AttemptEnd } from '@millrace/worker'
import { firstLine } from '../terminal/plain-text.ts'

/** Only the end of an id differs between the jobs of one model. */
const SHORT_ID = 8

export function jobLine({ jobId, model, outcome, again, runSeconds }: AttemptEnd): string {
  const status = again ? 'again' : (STATUS[outcome.kind] ?? outcome.kind)
  const seconds = runSeconds === undefined ? '-' : `${runSeconds.toFixed(runSeconds < 10 ? 2 : 0)} s`
  const why =
    outcome.kind === 'failed' ? `${outcome.error.code}: ${firstLine(outcome.error.message)}` : WHY[outcome.kind]
  return [`…${jobId.slice(-SHORT_ID)}`, model, status.padEnd(9), seconds, why].filter((part) => part).join('  ')
}

const STATUS: Partial<Record<AttemptEnd['outcome']['kind'], string>> = { stopped: 'canceled' }

const WHY: Partial<Record<AttemptEnd['outcome']['kind'], string>> = {
  released: 'back in the queue',
  lost: 'another attempt has it',
}
