/**
 * Cuts printed text into log lines, and needs the same memory whatever is printed: a line is cut at LIMITS.logLineChars
 * bytes, and the rest of it is dropped. Each run and stream has one (printed-text.ts), so no text of one run waits for
 * the newline of another.
 *
 * A line with a carriage return inside is a progress bar: each state replaces the one before, and the last state is its
 * line.
 */
import { LIMITS } from '@millrace/contracts'
import { StringDecoder } from 'node:string_decoder'

const NEWLINE = 10
const RETURN = 13
/** The sequence that moves the cursor up. The text after it replaces a line that had its newline; nested bars do this. */
const UP = new RegExp(`${String.fromCodePoint(27)}\\[\\d*A`)
/** How often a bar that is still running is shown. Milliseconds. */
const BAR_EVERY_MS = 10_000

export class LogLines {
  readonly #onLine: (line: string) => void
  readonly #onState: (state: string) => void
  /** How many lines were cut. */
  cuts = 0
  #parts: Buffer[] = []
  #held = 0
  #isCut = false
  /** A carriage return came. What comes next tells whether it belongs to a newline. */
  #returned = false
  #bar: { state: string; shownAt: number } | undefined

  /** `onState` is called with each new state of a bar. */
  constructor(onLine: (line: string) => void, onState: (state: string) => void = () => undefined) {
    this.#onLine = onLine
    this.#onState = onState
  }

  push(chunk: Buffer): void {
    let start = 0
    let newline = chunk.indexOf(NEWLINE)
    let back = chunk.indexOf(RETURN)
    while (newline >= 0 || back >= 0) {
      const isNewline = back < 0 || (newline >= 0 && newline < back)
      const end = isNewline ? newline : back
      this.#hold(chunk.subarray(start, end))
      start = end + 1
      if (isNewline) {
        this.#endLine()
        newline = chunk.indexOf(NEWLINE, start)
      } else {
        this.#goBack()
        this.#returned = true
        back = chunk.indexOf(RETURN, start)
      }
    }
    this.#hold(chunk.subarray(start))
    if (this.#bar && this.#held > 0) this.#seen(this.#text())
  }

  /** Hands over a line that has no newline yet, if there is one. */
  flush(): void {
    const line = this.#text() || (this.#bar?.state ?? '')
    if (this.#isCut) this.cuts += 1
    this.#drop()
    this.#returned = false
    this.#bar = undefined
    if (line !== '') this.#onLine(line)
  }

  #endLine(): void {
    const text = this.#text()
    if (!UP.test(text)) {
      if (this.#bar) this.#seen(text)
      return this.flush()
    }
    this.#bar ??= { state: '', shownAt: performance.now() }
    this.#replace(text)
    this.#returned = false
  }

  /** Handles a carriage return that was followed by something other than a newline. */
  #goBack(): void {
    if (!this.#returned) return
    this.#returned = false
    this.#bar ??= { state: '', shownAt: performance.now() }
    this.#replace(this.#text())
  }

  #replace(text: string): void {
    this.#drop()
    if (text === '' || this.#bar === undefined) return
    this.#bar.state = text.replace(UP, '')
    this.#seen(text)
    if (performance.now() - this.#bar.shownAt < BAR_EVERY_MS) return
    this.#bar.shownAt = performance.now()
    this.#onLine(this.#bar.state)
  }

  /** The state of an inner bar says nothing about the whole. */
  #seen(state: string): void {
    if (state !== '' && !UP.test(state)) this.#onState(state)
  }

  #hold(part: Buffer): void {
    if (part.length === 0) return
    this.#goBack()
    const kept = part.subarray(0, LIMITS.logLineChars - this.#held)
    if (kept.length < part.length) this.#isCut = true
    if (kept.length === 0) return
    this.#held += kept.length
    // A copy: a slice would keep the whole chunk alive while the line waits for its end.
    this.#parts.push(Buffer.from(kept))
  }

  /** The text that is held. Half a character at its end is left out: its other half was dropped or has not come yet. */
  #text(): string {
    return this.#held === 0 ? '' : new StringDecoder('utf8').write(Buffer.concat(this.#parts)).trimEnd()
  }

  #drop(): void {
    this.#parts = []
    this.#held = 0
    this.#isCut = false
  }
}
