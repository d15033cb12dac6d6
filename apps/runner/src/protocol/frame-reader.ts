/**
 * Cuts what a runner writes into frames of one line, at most LIMITS.frameBytes each. Keeps at most one frame in memory.
 */
import { LIMITS } from '@millrace/contracts'

const NEWLINE = 10

export class FrameReader {
  readonly #onFrame: (text: string) => void
  readonly #onOversize: () => void
  #parts: Buffer[] = []
  #held = 0
  #broken = false

  /** After `onOversize` everything is ignored, because the start of the next frame cannot be found. */
  constructor(onFrame: (text: string) => void, onOversize: () => void) {
    this.#onFrame = onFrame
    this.#onOversize = onOversize
  }

  push(chunk: Buffer): void {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0 && !this.#broken; end = chunk.indexOf(NEWLINE, start)) {
      this.#hold(chunk.subarray(start, end))
      start = end + 1
      if (!this.#broken) this.#onFrame(this.#take())
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start))
  }

  #hold(part: Buffer): void {
    if (this.#broken) return
    this.#held += part.length
    this.#parts.push(part)
    if (this.#held <= LIMITS.frameBytes) return
    this.#broken = true
    this.#parts = []
    this.#onOversize()
  }

  #take(): string {
    const [first] = this.#parts
    const whole = this.#parts.length === 1 && first ? first : Buffer.concat(this.#parts)
    this.#parts = []
    this.#held = 0
    return whole.toString('utf8')
  }
}
