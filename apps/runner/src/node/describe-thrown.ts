/** Words for whatever a model threw: an error, a string, or nothing. Never throws. Called by the runner's process. */
import { inspect } from 'node:util'
import { LIMITS } from '@millrace/contracts'

const TRACEBACK_CHARS = 16 * 1024

export function describeThrown(thrown: unknown): { message: string; traceback?: string } {
  try {
    if (thrown instanceof Error) {
      const message = String(thrown.message || thrown.name).slice(0, LIMITS.messageChars)
      return { message, traceback: String(thrown.stack ?? '').slice(0, TRACEBACK_CHARS) }
    }
    const words = typeof thrown === 'string' && thrown !== '' ? thrown : `the model threw ${inspect(thrown)}`
    return { message: words.slice(0, LIMITS.messageChars) }
  } catch {
    return { message: 'the model threw something that cannot be shown' }
  }
}
