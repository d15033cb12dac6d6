/**
 * Writes the lines of a log to standard output, many with one call to the system: a write for each line costs a busy process
 * more than to make the line. A line waits for others for a few milliseconds; what is urgent, and what is left when the
 * process exits, is written at once. Made by createLogger, one for a process.
 */
import { pino } from 'pino'

/** How long a line may wait. Only a process that is killed meanwhile loses it. Milliseconds. */
const MOST_WAIT_MS = 20
/** Characters that are written without waiting for more. */
const ENOUGH = 16 * 1024

export class LineGatherer {
  readonly #output = pino.destination({ fd: 1, sync: false })
  readonly #flush = (): void => this.flush()
  #lines = ''
  #timer: NodeJS.Timeout | undefined

  constructor() {
    process.on('exit', () => {
      this.flush()
      this.#output.flushSync()
    })
  }

  write(line: string): void {
    this.#lines += line
    if (this.#lines.length >= ENOUGH) this.flush()
    // Keeps no process alive, for at its end all is written.
    else this.#timer ??= setTimeout(this.#flush, MOST_WAIT_MS).unref()
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#lines === '') return
    const lines = this.#lines
    this.#lines = ''
    this.#output.write(lines)
  }
}
