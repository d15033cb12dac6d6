/**
 * Carries what a model says (log lines, output chunks) from a run to the log of its job, in batches, in order, one append
 * at a time. It is bounded whatever the model does: log lines by rate, chunks by size, all events by number and size; what
 * is left out is told. Made by begin-attempt.ts.
 */
import { settledWithin } from '@millrace/async'
import { cutText, type JobEvent, LIMITS } from '@millrace/contracts'
import { EventBacklog } from './event-backlog.ts'
import { LineRate } from './line-rate.ts'

type LogLevel = Extract<JobEvent, { type: 'log' }>['level']

export interface EventBufferOptions {
  /** `first` is the number of the first of them, from 1 on: what is appended again can be told by it. */
  append(events: JobEvent[], first: number): Promise<void>
  onFault(error: unknown): void
  /** Default 200; at once when there is enough for a batch. */
  everyMs?: number
  /**
   * Default 250: more than a run lets pass in any second (log-budget.ts), whose own notice must not be what is left out.
   * The rest is counted and the count is told once a second.
   */
  linesPerSecond?: number
}

export class EventBuffer {
  readonly #options: EventBufferOptions
  readonly #rate: LineRate
  readonly #backlog = new EventBacklog()
  #timer: NodeJS.Timeout | undefined
  /** The append under way; true when it worked. */
  #appending: Promise<boolean> | undefined
  #failed = false
  #closed = false

  constructor(options: EventBufferOptions) {
    this.#options = options
    this.#rate = new LineRate(options.linesPerSecond ?? 250)
  }

  log(level: LogLevel, message: string): void {
    const { allowed, missed } = this.#rate.take()
    this.#tellMissed(missed)
    if (allowed) this.#push({ type: 'log', level, message: cutText(message, LIMITS.logLineChars) })
  }

  output(chunk: unknown): void {
    const size = Buffer.byteLength(JSON.stringify(chunk) ?? '')
    if (size > LIMITS.inlineBytes) this.#push(tooLarge(size))
    else this.#push({ type: 'output', chunk }, size)
  }

  /** Appends what is there. Resolves when a try failed, or after `patienceMs`; what could not be appended stays. */
  async flush(patienceMs: number): Promise<void> {
    this.#tellMissed(this.#rate.settle())
    if (!this.#appending && this.#backlog.isEmpty) return
    await settledWithin(this.#appendAll(), patienceMs)
  }

  /** Drops what is left. */
  close(): void {
    this.#closed = true
    this.#backlog.clear()
    clearTimeout(this.#timer)
  }

  #tellMissed(count: number): void {
    if (count > 0) this.#push(missedLines(count))
  }

  #push(event: JobEvent, bytes?: number): void {
    if (this.#closed) return
    this.#backlog.push(event, bytes)
    this.#plan()
  }

  #plan(): void {
    if (this.#closed || this.#appending || this.#backlog.isEmpty) return
    if (this.#backlog.isFull && !this.#failed) void this.#append()
    else this.#timer ??= setTimeout(() => void this.#append(), this.#options.everyMs ?? 200)
  }

  async #appendAll(): Promise<void> {
    await this.#appending
    while (this.#appending || !this.#backlog.isEmpty) {
      if (!(await (this.#appending ?? this.#append()))) return
    }
  }

  /** Appends one batch. False when it stays. Never rejects. */
  async #append(): Promise<boolean> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#appending = this.#appendBatch()
    this.#failed = !(await this.#appending)
    this.#appending = undefined
    this.#plan()
    return !this.#failed
  }

  async #appendBatch(): Promise<boolean> {
    const batch = this.#backlog.takeBatch()
    const events = batch.map(({ event }) => event)
    try {
      await this.#options.append(events, batch[0]?.number ?? 0)
      return true
    } catch (error) {
      if (!this.#closed) this.#backlog.putBack(batch)
      this.#options.onFault(error)
      return false
    }
  }
}

const missedLines = (count: number): JobEvent => ({
  type: 'log',
  level: 'warn',
  message: `${count} log lines were left out: the model wrote too many at once`,
})

const tooLarge = (bytes: number): JobEvent => ({
  type: 'log',
  level: 'warn',
  message: `An output chunk of ${bytes} bytes was left out: more than ${LIMITS.inlineBytes} can't be streamed`,
})
