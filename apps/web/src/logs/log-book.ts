/**
 * The log of a job as far as a page keeps it: the newest lines, within bounds, and those of them that are looked for. A model may
 * write for days; the tab must not grow with it. Held by the log view.
 */
import type { StreamedEvent } from '@millrace/contracts'
import { plainLine } from './plain-line.ts'

export type LogLevel = Extract<StreamedEvent, { type: 'log' }>['level']
/** From the least to the most. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[]

export interface LogLine {
  /** Its place among all lines that came, from 0. */
  number: number
  at: string
  level: LogLevel
  text: string
}

export interface LogLook {
  /** Lines below it are left out. */
  least: LogLevel
  /** Words that a line must hold, in any case; empty for all. */
  words: string
}

/** What a tab has room for beside everything else. */
const BOUNDS = { lines: 100_000, chars: 24_000_000, spare: 10_000 }

export class LogBook {
  #lines: LogLine[] = []
  /** Lines at the front that were let go, until the array is cut. */
  #gone = 0
  #chars = 0
  #next = 0
  #matches: LogLine[] | undefined
  #look: LogLook = { least: 'debug', words: '' }
  readonly #bounds: typeof BOUNDS

  /** `spare`: so many lines that are gone are cut off at once. */
  constructor(bounds = BOUNDS) {
    this.#bounds = bounds
  }

  /** Lines that came and are not kept any more. */
  get dropped(): number {
    return this.#next - this.size
  }

  get size(): number {
    return this.#lines.length - this.#gone
  }

  add(line: Omit<LogLine, 'number'>): void {
    const kept = { ...line, text: plainLine(line.text), number: this.#next++ }
    this.#lines.push(kept)
    this.#chars += kept.text.length
    if (this.#matches && fits(kept, this.#look)) this.#matches.push(kept)
    while (this.size > this.#bounds.lines || this.#chars > this.#bounds.chars) this.#forget()
  }

  /** The kept lines that fit, the oldest first. */
  matching(look: LogLook): readonly LogLine[] {
    if (!this.#matches || look.least !== this.#look.least || look.words !== this.#look.words) {
      this.#look = { ...look }
      this.#matches = this.#lines.slice(this.#gone).filter((line) => fits(line, look))
    }
    const first = this.#lines[this.#gone]?.number ?? 0
    // Let go in one cut: each by itself would move all that follow.
    const stale = this.#matches.findIndex(({ number }) => number >= first)
    if (stale > 0) this.#matches = this.#matches.slice(stale)
    return this.#matches
  }

  /** All that is kept, as a text file. */
  text(): string {
    return this.#lines
      .slice(this.#gone)
      .map(({ at, level, text }) => `${at} ${level.padEnd(5)} ${text}\n`)
      .join('')
  }

  #forget(): void {
    this.#chars -= this.#lines[this.#gone++]?.text.length ?? 0
    if (this.#gone < this.#bounds.spare) return
    this.#lines = this.#lines.slice(this.#gone)
    this.#gone = 0
  }
}

const fits = ({ level, text }: LogLine, { least, words }: LogLook): boolean =>
  LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least) &&
  (words === '' || text.toLowerCase().includes(words.toLowerCase()))
