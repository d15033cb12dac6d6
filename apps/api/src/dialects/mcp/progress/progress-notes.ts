/**
 * The progress notifications of one call: rising numbers, as the protocol wants them, and not more of them than anybody can read. What
 * comes in between is put together. Fed by follow-job.ts.
 */
import { atLatest } from '@millrace/async'

/** From one notification to the next, at least. Milliseconds. */
const PACE_MS = 250
/** Of one message. Characters. */
const MOST_CHARS = 1000
/** The least by which it rises when only the message is new. */
const STEP = 0.01
const TOTAL = 100

export interface ProgressNote {
  progress: number
  total: number
  message?: string
}

export class ProgressNotes {
  readonly #send: (note: ProgressNote) => void
  readonly #paceMs: number
  #last: number | undefined
  #percent = 0
  #message: string | undefined
  /** What the model gave since the last notification. */
  #piece = ''
  #stopWaiting: (() => void) | undefined
  #isOver = false

  constructor(send: (note: ProgressNote) => void, paceMs = PACE_MS) {
    this.#send = send
    this.#paceMs = paceMs
  }

  /** `fraction`: share of the work that is done; undefined: as before. */
  say(fraction: number | undefined, message: string | undefined): void {
    if (fraction !== undefined) this.#percent = fraction * TOTAL
    this.#message = message
    this.#soon()
  }

  /** A piece of the output. */
  give(piece: string): void {
    this.#piece = (this.#piece + piece).slice(-MOST_CHARS)
    this.#soon()
  }

  /** Sends what is left. Call it before the answer. */
  end(): void {
    this.#stopWaiting?.()
    if (!this.#isOver && this.#hasNews) this.#tell()
    this.#isOver = true
    this.#stopWaiting?.()
  }

  get #hasNews(): boolean {
    return this.#message !== undefined || this.#piece !== '' || this.#percent > (this.#last ?? 0)
  }

  #soon(): void {
    if (this.#isOver || this.#stopWaiting) return
    this.#tell()
  }

  #tell(): void {
    // A retry begins from nothing, but the number must rise.
    const progress = this.#last === undefined ? this.#percent : Math.max(this.#percent, this.#last + STEP)
    const message = (this.#piece === '' ? this.#message : this.#piece)?.slice(0, MOST_CHARS)
    this.#message = undefined
    this.#piece = ''
    // There is nothing above all: what comes then is in the answer.
    if (progress > TOTAL) return
    this.#last = progress
    this.#send({ progress, total: TOTAL, ...(message !== undefined && { message }) })
    this.#stopWaiting = atLatest(this.#paceMs, () => {
      this.#stopWaiting = undefined
      if (this.#hasNews) this.#tell()
    })
  }
}
