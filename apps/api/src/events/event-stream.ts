/**
 * One watcher of one job: the history from where it left off, then what happens, each event once and in order, then the
 * job. The log is the truth and the feed is a short cut: whenever there is any doubt (a break of the connection, a watcher
 * that reads slowly) it goes on from the log behind the last event that was written. Made by EventStreams.
 */
import {
  isTerminal,
  type JobId,
  type JobQueue,
  type JobRecord,
  type JobStatus,
  type LoggedEvent,
  type STREAM_ENDS,
} from '@millrace/contracts'
import { type ChangeFeed, type Heard, isLaterEvent, type JobReader, type Reader } from '@millrace/queue'
import type { Wire } from './event-wire.ts'
import type { StreamPace } from '../http/api-deps.ts'
import type { EventPages } from './event-pages.ts'
import type { StreamSink } from './stream-sink.ts'

/** `done`: the job has ended. `gone`: the watcher left. `slow`: it did not read. */
export type StreamEnd = (typeof STREAM_ENDS)[number] | 'done' | 'gone' | 'slow'

export interface EventStreamOptions {
  id: JobId
  /** On whose behalf the job is watched. */
  reader: Reader
  /** Last event that the watcher has; '' for none. */
  after: string
  /** Of the job when it was read. */
  status: JobStatus
  wire: Wire
  sink: StreamSink
  jobs: EventPages & Pick<JobReader, 'snapshot'>
  changes: Pick<ChangeFeed, 'follow'>
  /** Asked now and then while the job waits. Undefined: it does not. */
  whereItWaits(): Promise<JobQueue | undefined>
  /** JSON text of the job, as the watcher may see it. */
  describe(record: JobRecord): Promise<string>
  /** Called once, with how it ended. */
  onEnd(end: StreamEnd): void
  /** Called with each fault, also when Redis is away. The stream tries again in any case. */
  onFault(error: unknown): void
}

/** Events read from the log at once. */
const PAGE = 50

export class EventStream {
  readonly #options: EventStreamOptions
  readonly #unfollow: () => void
  /** Last event that was written. */
  #last: string
  /** What is heard is written as it comes. Before that, the log is read. */
  #live = false
  #busy = false
  /** There may be more in the log. */
  #behind = false
  /** The last status written is final: the job may have ended for good. */
  #mayHaveEnded: boolean
  #gapToldAt: string | undefined
  #isQueued: boolean
  /** When to look again where it waits, by the clock of this process; endless while that is being looked at. */
  #placeDue = 0
  #placeTold = ''
  #over = false

  constructor(options: EventStreamOptions) {
    this.#options = options
    this.#last = options.after
    this.#mayHaveEnded = isTerminal(options.status)
    this.#isQueued = options.status === 'queued'
    this.#unfollow = options.changes.follow(options.id, (heard) => this.#hear(heard))
  }

  /** Call it every second or so: it sends heartbeats, cuts slow watchers, and tries again after a fault. */
  tick({ heartbeatMs, stuckMs, placeMs }: StreamPace): void {
    const { sink, wire } = this.#options
    if (sink.stuckMs >= stuckMs) return this.#cut('slow')
    if (!sink.congested && sink.silentMs >= heartbeatMs) sink.write(wire.heartbeat)
    if (this.#behind && !this.#busy) void this.#catchUp()
    if (this.#isQueued && performance.now() >= this.#placeDue) void this.#tellPlace(placeMs)
  }

  /** Says goodbye and ends; a watcher that does not read is cut off. */
  end(reason: (typeof STREAM_ENDS)[number]): void {
    if (!this.#leave(reason)) return
    const { sink, wire } = this.#options
    sink.end(wire.note({ type: 'bye', reason }))
  }

  /** The watcher has gone. */
  gone(): void {
    this.#leave('gone')
  }

  #hear(heard: Heard): void {
    if (this.#over) return
    if (heard.kind === 'purged') return this.end('erased')
    const direct = heard.kind === 'event' && this.#live && !this.#options.sink.congested
    if (direct) this.#write(heard.logged)
    else this.#behind = true
    if (this.#behind || this.#mayHaveEnded) void this.#catchUp()
  }

  /** Reads on until there is nothing more to read, one call at a time. What is heard meanwhile makes it read again. */
  async #catchUp(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    this.#live = false
    try {
      while (!this.#over && (this.#behind || this.#mayHaveEnded)) {
        if (this.#behind) await this.#readOn()
        else await this.#finish()
      }
      this.#live = true
    } catch (error) {
      // The next tick, or the feed when it is back, begins again.
      this.#behind = true
      this.#options.onFault(error)
    } finally {
      this.#busy = false
    }
  }

  /** One page of the log, as far as the watcher takes it. */
  async #readOn(): Promise<void> {
    const { id, reader, jobs, sink } = this.#options
    await sink.drained()
    if (this.#over) return
    this.#behind = false
    const page = await jobs.eventPage(id, reader, { after: this.#last, count: PAGE })
    if (this.#over) return
    if (page.outcome === 'missing') return this.end('erased')
    if (page.gap) this.#tellGap()
    this.#behind ||= page.more
    for (const logged of page.events) {
      // The rest of the page is dropped, for the log has it.
      if (sink.congested) {
        this.#behind = true
        return
      }
      this.#write(logged)
    }
  }

  /** Writes the job when it has ended and the log holds nothing more: both are of one moment, so no event lies between. */
  async #finish(): Promise<void> {
    const { id, reader, jobs, wire, sink, describe } = this.#options
    await sink.drained()
    const found = await jobs.snapshot(id, reader)
    if (found.outcome !== 'found') return this.end('erased')
    const { record, lastEventId } = found
    this.#behind ||= isLaterEvent(lastEventId, this.#last)
    // The job was run again since, which the log tells.
    if (!isTerminal(record.status)) this.#mayHaveEnded = false
    if (this.#behind || !this.#mayHaveEnded) return
    const text = await describe(record)
    if (!this.#behind && this.#leave('done')) sink.end(wire.done(this.#last, text))
  }

  #write(logged: LoggedEvent): void {
    const { id, event } = logged
    if (event.type === 'status') {
      this.#mayHaveEnded = isTerminal(event.status)
      this.#isQueued = event.status === 'queued'
    }
    if (!isLaterEvent(id, this.#last)) return
    this.#last = id
    this.#say(this.#options.wire.event(logged))
  }

  /** Says where the job waits, if that has changed. Who waits for long is told less often. */
  async #tellPlace(placeMs: number): Promise<void> {
    const { sink, wire, whereItWaits, onFault } = this.#options
    this.#placeDue = Number.POSITIVE_INFINITY
    let queue: JobQueue | undefined
    try {
      queue = await whereItWaits()
    } catch (error) {
      onFault(error)
    }
    this.#placeDue = performance.now() + Math.min(10, Math.max(1, (queue?.eta_seconds?.p50 ?? 0) / 60)) * placeMs
    const text = JSON.stringify(queue)
    if (!queue || text === this.#placeTold || this.#over || !this.#isQueued || sink.congested) return
    this.#placeTold = text
    this.#say(wire.note({ type: 'queue', queue }))
  }

  #tellGap(): void {
    if (this.#gapToldAt === this.#last) return
    this.#gapToldAt = this.#last
    this.#say(this.#options.wire.note({ type: 'gap', after: this.#last }))
  }

  /** Not every wire has words for everything. */
  #say(text: string): void {
    if (text !== '') this.#options.sink.write(text)
  }

  #cut(end: StreamEnd): void {
    if (this.#leave(end)) this.#options.sink.cut()
  }

  /** False when it was over before. */
  #leave(end: StreamEnd): boolean {
    if (this.#over) return false
    this.#over = true
    this.#unfollow()
    this.#options.onEnd(end)
    return true
  }
}
