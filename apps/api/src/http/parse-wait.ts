/** How long a client wants a request to wait for its job: `?wait=N` when reading, `Prefer: wait=N` when submitting. */
import { LIMITS, ProblemError } from '@millrace/contracts'

export const WAIT = /^\d{1,6}(\.\d{1,3})?$/

/** Seconds, cut to 60; 0 when absent. Throws ProblemError `invalid_request` when it is no number of seconds. */
export function parseWait(text: string | undefined): number {
  if (text === undefined) return 0
  if (!WAIT.test(text)) {
    const fault = { path: '/wait', code: 'format', message: 'expected a number of seconds, such as 30' }
    throw new ProblemError('invalid_request', { errors: [fault] })
  }
  return Math.min(Number(text), LIMITS.waitSeconds)
}

/**
 * Seconds from a Prefer header (RFC 7240), cut to 60; a bare `wait` means 60. Undefined when the header does not ask to
 * wait or cannot be read: a preference is never a reason to refuse.
 */
export function preferredWait(header: string | undefined): number | undefined {
  for (const preference of header?.slice(0, 1024).split(',') ?? []) {
    const found = /^\s*wait\s*(?:=\s*"?(\d{1,6})"?)?\s*(?:;.*)?$/i.exec(preference)
    if (found) return Math.min(Number(found[1] ?? LIMITS.waitSeconds), LIMITS.waitSeconds)
  }
  return undefined
}
