/**
 * Puts into the log what libraries print outside of it: console.warn, console.error, and Node's own warnings. A log of
 * JSON lines then has only JSON lines. Called by runServices, for as long as services run.
 */
/* oxlint-disable no-console -- it stands in for the console, so that nobody prints with it */
import type { Logger } from './logger.ts'

/** Starts to catch the output. Returns the function that stops it. */
export function logStrayOutput(logger: Logger): () => void {
  const { warn, error } = console
  const printers = process.listeners('warning')
  const say = (first: unknown): void => {
    logger.warn({ said: first instanceof Error ? first.message : String(first) }, 'a library has something to say')
  }
  const onWarning = ({ name, message }: Error): void => logger.warn({ name, said: message }, 'Node.js warns')
  console.warn = say
  console.error = say
  process.removeAllListeners('warning')
  process.on('warning', onWarning)
  return () => {
    console.warn = warn
    console.error = error
    process.off('warning', onWarning)
    for (const printer of printers) process.on('warning', printer)
  }
}
