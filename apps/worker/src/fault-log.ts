/** What a worker's loops say when something fails: often enough to be seen, too seldom to fill a disk. */
import type { Log } from '@millrace/contracts'

/** Says that something failed; the same sentence at most once a second, with how often it was held back. */
export type FaultLog = (message: string, error: unknown, fields?: object) => void

/** An outage makes every loop fail at once: without this the log, not the outage, would be the fault. */
export function createFaultLog(logger: Log, everyMs = 1000): FaultLog {
  const said = new Map<string, { at: number; heldBack: number }>()
  return (message, error, fields = {}) => {
    const last = said.get(message)
    const now = Date.now()
    if (last && now - last.at < everyMs) {
      last.heldBack++
      return
    }
    said.set(message, { at: now, heldBack: 0 })
    logger.warn({ ...fields, heldBack: last?.heldBack ?? 0, ...describeError(error) }, message)
  }
}

/** Name, code and first line of an error, without the command and its arguments that client libraries attach. */
export function describeError(error: unknown): { error: string; code?: string } {
  if (!(error instanceof Error)) return { error: 'something that is no Error was thrown' }
  const code = (error as { code?: unknown }).code
  const text = `${error.name}: ${error.message.split('\n', 1)[0]}`.slice(0, 256)
  return typeof code === 'string' ? { error: text, code } : { error: text }
}
