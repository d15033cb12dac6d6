/**
 * All event streams of this process: how many there may be (where the API has several processes, in all of them), who
 * looks after them, and how they end when the server does. One loop serves them all. Used by the routes that stream.
 */
import { createLoop, type Loop } from '@millrace/async'
import { type JobId, ProblemError } from '@millrace/contracts'
import { CountedPlaces, type Places } from '@millrace/process'
import { isUnavailable } from '@millrace/queue'
import type { Access } from '../http/access/authenticate.ts'
import type { Principal } from '../http/access/principal.ts'
import type { FindLimits } from '../http/limits/find-limits.ts'
import type { ApiDeps, StreamPace } from '../http/api-deps.ts'
import { createEventPages, type EventPages } from './event-pages.ts'
import { EventStream, type EventStreamOptions, type StreamEnd } from './event-stream.ts'

export const STREAM_PACE: StreamPace = { heartbeatMs: 15_000, stuckMs: 20_000, placeMs: 3000, tickMs: 1000 }

/** Seconds after which a watcher that found no place should come again. */
const RETRY_AFTER = 10

/** A place among the streams, taken before the work of opening one begins. */
export interface Place {
  readonly tenant: string
  /** May be called more than once. */
  leave(): void
}

export type OpenStream = Pick<
  EventStreamOptions,
  'id' | 'reader' | 'after' | 'status' | 'wire' | 'sink' | 'describe' | 'whereItWaits'
> & {
  /** Who follows the job; undefined: whoever has its signed address. */
  principal: Principal | undefined
}

type StreamsDeps = Pick<
  ApiDeps,
  'jobs' | 'objects' | 'changes' | 'config' | 'logger' | 'metrics' | 'closing' | 'streamPace' | 'places'
> &
  Pick<Access, 'isCurrent'> & { limits: FindLimits }

export class EventStreams {
  readonly #deps: StreamsDeps
  readonly #pages: EventPages
  readonly #pace: StreamPace
  /** Each with the time by which it ends, and who follows. */
  readonly #open = new Map<EventStream, { until: number; principal: Principal | undefined }>()
  readonly #places: Places
  #taken = 0
  /** Begins with the first stream. */
  readonly #ticking: Loop
  readonly #count: (end: StreamEnd) => void

  constructor(deps: StreamsDeps) {
    this.#deps = deps
    this.#places = deps.places ?? new CountedPlaces()
    this.#pages = createEventPages(deps.jobs, deps.objects)
    this.#pace = { ...STREAM_PACE, ...deps.streamPace }
    this.#ticking = createLoop({
      round: async () => this.#tick(),
      everyMs: this.#pace.tickMs,
      onFault: (error) => deps.logger.error({ err: error }, 'event streams could not be looked after'),
    })
    const open = { name: 'millrace_event_streams', help: 'Event streams that are open.' }
    deps.metrics.gauge(open, (self) => self.set(this.#taken))
    const ended = deps.metrics.counter({
      name: 'millrace_event_streams_ended_total',
      help: 'Event streams that ended, by how: done, time, key_ended, closing, erased, gone (the watcher left), slow (it did not read).',
      labels: ['end'],
    })
    this.#count = (end) => ended.inc({ end })
    deps.closing?.addEventListener('abort', () => this.#close(), { once: true })
  }

  /**
   * `link`: the job whose signed address lets in. Each such job has places of its own, so that the bearer of one address cannot
   * take those of the tenant. Rejects with ProblemError `too_many_streams`, `streams_full`, or `server_closing`.
   */
  async enter(tenant: string, link?: JobId): Promise<Place> {
    const { maxLinkStreams, maxStreams } = this.#deps.config
    const holder = link === undefined ? `tenant ${tenant}` : `link ${link}`
    const most = link === undefined ? (await this.#deps.limits(tenant)).streams : maxLinkStreams
    if (this.#deps.closing?.aborted) throw new ProblemError('server_closing', { retryAfter: 1 })
    const answer = await this.#places.take(holder, { most, mostInAll: maxStreams })
    if (answer === 'holder') throw refuse('too_many_streams', most)
    if (answer === 'all') throw refuse('streams_full', maxStreams)
    this.#taken++
    let left = false
    const leave = () => {
      if (left) return
      left = true
      this.#taken--
      this.#places.leave(holder)
    }
    return { tenant, leave }
  }

  /** Follows a job; the place is left when the stream ends. */
  open(place: Place, { principal, ...stream }: OpenStream): EventStream {
    const { jobs, changes, logger, config } = this.#deps
    const { id } = stream
    const started = performance.now()
    const opened: EventStream = new EventStream({
      ...stream,
      jobs: { eventPage: this.#pages.eventPage, snapshot: (...args) => jobs.snapshot(...args) },
      changes,
      onEnd: (end) => {
        this.#open.delete(opened)
        place.leave()
        this.#count(end)
        const ms = Math.round(performance.now() - started)
        logger.debug({ job: id, tenant: place.tenant, end, ms }, 'event stream ended')
      },
      onFault: (error) => this.#report(error, id),
    })
    // Spread out, so that watchers that came together do not come back together.
    const until = started + config.streamSeconds * (0.9 + Math.random() / 10) * 1000
    this.#open.set(opened, { until, principal })
    void this.#ticking.start()
    if (this.#deps.closing?.aborted) opened.end('closing')
    return opened
  }

  #tick(): void {
    const now = performance.now()
    for (const [stream, { until, principal }] of this.#open) {
      if (principal && !this.#deps.isCurrent(principal)) stream.end('key_ended')
      else if (now >= until) stream.end('time')
      else stream.tick(this.#pace)
    }
  }

  #close(): void {
    for (const stream of [...this.#open.keys()]) stream.end('closing')
    void this.#ticking.stop(0)
  }

  #report(error: unknown, job: JobId): void {
    if (!isUnavailable(error)) this.#deps.logger.error({ err: error, job }, 'an event stream met a fault')
  }
}

const refuse = (code: 'too_many_streams' | 'streams_full', limit: number): ProblemError =>
  new ProblemError(code, {
    detail: `${limit} are allowed at once.`,
    retryAfter: RETRY_AFTER,
    ...(code === 'too_many_streams' && { rateLimit: { name: 'streams', quota: limit, remaining: 0 } }),
  })
