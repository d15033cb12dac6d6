/** Tells a client that asked for it how its job goes on, until the call is answered. Called by call-tool.ts. */
import type { JobId, JobRecord, LoggedEvent } from '@millrace/contracts'
import { isLaterEvent } from '@millrace/queue'
import { isAway } from '../../../http/store-time.ts'
import type { DialectDeps } from '../../dialect.ts'
import { placeText } from '../answers/place-text.ts'
import type { ProgressNotes } from './progress-notes.ts'

/** Events of a job that has begun already, read at once. */
const PAGE = 100

type FollowDeps = Pick<DialectDeps, 'jobs' | 'changes' | 'streams' | 'logger'>

/**
 * Returns the function that ends it, and takes the job as it is then. Such a call takes a place among the event streams of its tenant; where there is none left, it goes
 * without notifications. Never rejects: the job goes on whether or not anybody hears of it.
 */
export async function followJob(
  record: JobRecord,
  notes: ProgressNotes,
  deps: FollowDeps,
): Promise<(last: JobRecord | undefined) => void> {
  const place = await deps.streams.enter(record.tenant).catch(() => undefined)
  if (!place) return () => undefined
  const follower = new Follower(record, notes, deps)
  return (last) => {
    follower.stop()
    // The last word of a model on its progress may be older than its output.
    if (last?.status === 'succeeded') notes.say(1, undefined)
    notes.end()
    place.leave()
  }
}

class Follower {
  readonly stop: () => void
  readonly #record: JobRecord
  readonly #notes: ProgressNotes
  readonly #deps: FollowDeps
  #last = ''

  constructor(record: JobRecord, notes: ProgressNotes, deps: FollowDeps) {
    this.#record = record
    this.#notes = notes
    this.#deps = deps
    this.stop = deps.changes.follow(record.id, (heard) => {
      if (heard.kind === 'event') this.#hear(heard.logged)
      else if (heard.kind === 'joined') void this.#catchUp()
    })
    void this.#tellPlace()
  }

  /** What happened before anybody listened. */
  async #catchUp(): Promise<void> {
    const { id, tenant } = this.#record
    const page = await this.#try(id, () =>
      this.#deps.jobs.eventPage(id, { tenant }, { after: this.#last, count: PAGE }),
    )
    if (page?.outcome === 'events') for (const logged of page.events) this.#hear(logged)
  }

  async #tellPlace(): Promise<void> {
    this.#notes.say(0, 'queued')
    const place = await this.#try(this.#record.id, () => this.#deps.jobs.place(this.#record))
    if (!place || this.#last !== '') return
    this.#notes.say(undefined, placeText(this.#record, place))
  }

  #hear({ id, event }: LoggedEvent): void {
    if (!isLaterEvent(id, this.#last)) return
    this.#last = id
    if (event.type === 'progress') this.#notes.say(event.fraction, event.message)
    if (event.type === 'output')
      this.#notes.give(typeof event.chunk === 'string' ? event.chunk : JSON.stringify(event.chunk))
    if (event.type === 'status' && event.status === 'running') this.#notes.say(undefined, 'running')
    // The first one of a job says that it was kept, which its client knows.
    if (event.type === 'status' && event.status === 'queued' && event.reason)
      this.#notes.say(undefined, `queued again: ${event.reason}`)
  }

  async #try<T>(job: JobId, ask: () => Promise<T>): Promise<T | undefined> {
    return ask().catch((error: unknown) => {
      if (!isAway(error)) this.#deps.logger.error({ err: error, job }, 'the progress of a job could not be told')
      return undefined
    })
  }
}
