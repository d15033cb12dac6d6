/**
 * Events that wait to be appended, in order, each with its number. It holds no more than the log of a job may: the oldest
 * are left out, and a notice says how many. Used by EventBuffer.
 */
import { type JobEvent, LIMITS } from '@millrace/contracts'

/** What one append takes at most: Redis carries it out whole before it does anything else. */
const BATCH_EVENTS = 250
const BATCH_BYTES = 256 * 1024

export interface WaitingEvent {
  /** From 1 on. It stays the same when the event is appended again, so that a lost reply doubles nothing. */
  readonly number: number
  readonly event: JobEvent
  readonly bytes: number
  /** Of a notice: how many events it stands for. */
  readonly leftOut?: number
}

export class EventBacklog {
  #waiting: WaitingEvent[] = []
  #bytes = 0
  /** Number of the last event. */
  #said = 0

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** There is enough for a whole batch. */
  get isFull(): boolean {
    return this.#waiting.length >= BATCH_EVENTS || this.#bytes >= BATCH_BYTES
  }

  /** `bytes`: about how much its JSON takes, where that is known. */
  push(event: JobEvent, bytes?: number): void {
    const one = waiting(++this.#said, event, bytes)
    this.#waiting.push(one)
    this.#bytes += one.bytes
    this.#bound()
  }

  /** Takes what goes into one append: one at least, and no further than they are numbered on. */
  takeBatch(): WaitingEvent[] {
    const batch = this.#waiting.splice(0, batchOf(this.#waiting))
    this.#bytes -= sizeOf(batch)
    return batch
  }

  /** Back to the front, where it was taken. */
  putBack(batch: WaitingEvent[]): void {
    this.#waiting = [...batch, ...this.#waiting]
    this.#bytes += sizeOf(batch)
    this.#bound()
  }

  clear(): void {
    this.#waiting = []
    this.#bytes = 0
  }

  /** The log of a job holds no more than this anyway. A notice has the number of the last one that it stands for. */
  #bound(): void {
    const all = this.#waiting
    while (all.length > LIMITS.eventsPerJob || (this.#bytes > LIMITS.eventBytesPerJob && all.length > 2)) {
      const [first, second] = all.splice(0, 2) as [WaitingEvent, WaitingEvent]
      const notice = leftOut(second.number, (first.leftOut ?? 1) + (second.leftOut ?? 1))
      this.#bytes += notice.bytes - first.bytes - second.bytes
      all.unshift(notice)
    }
  }
}

function batchOf(all: readonly WaitingEvent[]): number {
  let bytes = 0
  const end = all.slice(0, BATCH_EVENTS).findIndex((one, at) => {
    bytes += one.bytes
    return at > 0 && (bytes > BATCH_BYTES || one.number !== (all[0] as WaitingEvent).number + at)
  })
  return end < 0 ? BATCH_EVENTS : end
}

const waiting = (number: number, event: JobEvent, bytes = Buffer.byteLength(JSON.stringify(event))): WaitingEvent => ({
  ...{ number, event, bytes },
})

const sizeOf = (some: readonly WaitingEvent[]): number => some.reduce((sum, { bytes }) => sum + bytes, 0)

function leftOut(number: number, count: number): WaitingEvent {
  const message = `${count} log lines and output chunks were left out: the model said more than could be kept`
  return { ...waiting(number, { type: 'log', level: 'warn', message }), leftOut: count }
}
