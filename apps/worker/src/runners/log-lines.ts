/**
 * Cuts what a model prints into log lines, whatever it prints: a line is cut at LIMITS.logLineChars bytes and the rest
 * of it dropped, so memory stays flat without a newline.
 */
import { LIMITS } from '@millrace/contracts'

const NEWLINE = 10

export class LogLines {
  readonly #onLine: (line: string) => void
  #parts: Buffer[] = []
  #held = 0

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.#hold(chunk.subarray(start, end))
      this.flush()
      start = end + 1
    }
    this.#hold(chunk.subarray(start))
  }

  /** Hands over a line that has no newline yet, if there is one. */
  flush(): void {
    const line = Buffer.concat(this.#parts).toString('utf8').trimEnd()
    this.#parts = []
    this.#held = 0
    if (line !== '') this.#onLine(line)
  }

  #hold(part: Buffer): void {
    const kept = part.subarray(0, LIMITS.logLineChars - this.#held)
    if (kept.length === 0) return
    this.#held += kept.length
    // A copy: a slice would keep the whole chunk alive while the line waits for its end.
    this.#parts.push(Buffer.from(kept))
  }
}
