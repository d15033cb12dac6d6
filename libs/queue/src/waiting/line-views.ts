/**
 * What was seen of lines within the last second: however many of its jobs are read, a line is looked at once in that time. Made by
 * RedisJobStore, asked for every place.
 */
import { type RedisClient, toMs } from '../redis/redis-client.ts'
import type { LineView } from './line-view.ts'
import { readLine, type TimeOf } from './read-line.ts'

export interface LineViewOptions {
  /** How long what was seen of a line is good for. Milliseconds; default: a second. */
  freshMs?: number
  /** For a test that turns the clock itself. Default: what Redis says. */
  timeOf?: TimeOf
}

const FRESH_MS = 1000
/** Names of lines come from records, so there are not many; those of versions that are gone are let go of. */
const MOST_KEPT = 500

export class LineViews {
  readonly #redis: RedisClient
  readonly #freshMs: number
  readonly timeOf: TimeOf
  readonly #seen = new Map<string, { view: Promise<LineView>; until: number }>()

  constructor(redis: RedisClient, { freshMs = FRESH_MS, timeOf = toMs }: LineViewOptions = {}) {
    this.#redis = redis
    this.timeOf = timeOf
    this.#freshMs = freshMs
  }

  of(prefix: string, line: string): Promise<LineView> {
    const key = `${prefix}${line}`
    const known = this.#seen.get(key)
    if (known && known.until > performance.now()) return known.view
    const view = readLine(this.#redis, this.timeOf, prefix, line)
    if (this.#seen.size >= MOST_KEPT) this.#seen.clear()
    const kept = { view, until: performance.now() + this.#freshMs }
    this.#seen.set(key, kept)
    view.catch(() => {
      if (this.#seen.get(key) === kept) this.#seen.delete(key)
    })
    return view
  }
}
