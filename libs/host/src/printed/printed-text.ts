/**
 * Turns what a run prints on its two streams into lines. It does the same for a model that is being set up. Kept by
 * ActiveRun and CurrentProcess.
 */
import type { PrintStream } from '@millrace/contracts'
import { LogLines } from './log-lines.ts'

export interface PrintedEvents {
  onLine(stream: PrintStream, line: string): void
  /** Called with the share of a progress bar that is done, from 0 to 1. */
  onFraction?(fraction: number): void
}

/**
 * The way by which text comes: through a pipe of the process, or in messages with the run's id. The two have no common
 * order, so a line of one never contains text of the other.
 */
export type TextSource = 'piped' | 'told'

export class PrintedText {
  readonly #events: PrintedEvents
  /** By way and stream, of those by which anything came: most runs print nothing. */
  readonly #lines = new Map<`${TextSource} ${PrintStream}`, LogLines>()

  constructor(events: PrintedEvents) {
    this.#events = events
  }

  push(stream: PrintStream, chunk: Buffer, source: TextSource = 'piped'): void {
    const way = `${source} ${stream}` as const
    const lines = this.#lines.get(way) ?? this.#linesOf(stream)
    this.#lines.set(way, lines)
    lines.push(chunk)
  }

  /** How many lines were cut for their length. */
  get cuts(): number {
    let cuts = 0
    for (const lines of this.#lines.values()) cuts += lines.cuts
    return cuts
  }

  /** Hands over the lines that have no newline. */
  end(): void {
    for (const lines of this.#lines.values()) lines.flush()
  }

  #linesOf(stream: PrintStream): LogLines {
    const { onLine, onFraction } = this.#events
    const onState = (state: string) => {
      const fraction = onFraction && fractionOf(state)
      if (fraction !== undefined) onFraction?.(fraction)
    }
    return new LogLines((line) => onLine(stream, line), onState)
  }
}

/**
 * The share of a bar such as `loading: 45%|███  | 45/100 [00:01<00:02]` or `3/12 [==>    ]`. Undefined when the bar names
 * none.
 */
export function fractionOf(bar: string): number | undefined {
  const percent = /(?<![\d.])(\d{1,3}(?:\.\d+)?) ?%/.exec(bar)
  if (percent) return shareOf(Number(percent[1]), 100)
  const steps = /(?<![\d./])(\d{1,15}) ?\/ ?(\d{1,15})(?![\d./])/.exec(bar)
  return steps ? shareOf(Number(steps[1]), Number(steps[2])) : undefined
}

const shareOf = (done: number, all: number): number | undefined => (all > 0 && done <= all ? done / all : undefined)
