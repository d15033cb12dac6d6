/**
 * A walk through a tenant's jobs, newest first, over all models and statuses that are asked for. A job's place never changes, so one
 * that changes its status meanwhile is neither skipped nor met twice. Used by JobSearch.
 */
import { isoTime, type JobStatus } from '@millrace/contracts'
import { compareEntries, type Entry, isAfter, toEntries } from '../redis/newest-entries.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

/** Times of submit in microseconds, both included. */
export interface Span {
  newest: number | undefined
  oldest: number | undefined
}

export interface Walked {
  tenant: string
  models: readonly string[]
  statuses: readonly JobStatus[]
  span: Span
  /** Behind this one it begins. */
  after: Entry | undefined
}

/** What one script reads of one index, at most: it holds up Redis meanwhile. */
const MOST_OF_INDEX = 500
/** At least so many: of jobs of the same microsecond some are read again. */
const LEAST_OF_INDEX = 32

interface Strand {
  model: string
  /** Read and not yet given, newest first. */
  ahead: Entry[]
  /** The last that was read. */
  at: Entry | undefined
  isEnd: boolean
}

export class JobWalk {
  readonly #run: RunScript
  readonly #walked: Walked
  readonly #strands: Strand[]

  constructor(run: RunScript, walked: Walked) {
    this.#run = run
    this.#walked = walked
    const isNone = walked.statuses.length === 0
    this.#strands = walked.models.map((model) => ({ model, ahead: [], at: walked.after, isEnd: isNone }))
  }

  /** The next ones. Fewer than `count` are the last. */
  async next(count: number): Promise<Entry[]> {
    const given: Entry[] = []
    while (given.length < count) {
      if (this.#strands.some(isDry)) await Promise.all(this.#strands.map((strand) => this.#fill(strand, count)))
      const newest = this.#strands.reduce<Strand | undefined>(newerOf, undefined)
      const entry = newest?.ahead.shift()
      if (!entry) break
      given.push(entry)
    }
    return given
  }

  async #fill(strand: Strand, count: number): Promise<void> {
    const share = Math.ceil((2 * count) / this.#strands.length)
    let most = Math.min(MOST_OF_INDEX, Math.max(LEAST_OF_INDEX, share))
    while (isDry(strand)) {
      const { entries, isEnd } = await this.#page(strand, most)
      strand.ahead = entries
      strand.at = entries.at(-1) ?? strand.at
      strand.isEnd = isEnd
      // So many were of one microsecond that none of them was new.
      most *= 2
    }
  }

  async #page({ model, at }: Strand, count: number): Promise<{ entries: Entry[]; isEnd: boolean }> {
    const { tenant, statuses, span } = this.#walked
    const newest = at && (span.newest === undefined || at.score < span.newest) ? at.score : span.newest
    const limits = { newest: String(newest ?? '+inf'), oldest: String(span.oldest ?? '-inf') }
    const pages = (await this.#run('search/page', { model, tenant, statuses, ...limits, count })).map(toEntries)
    // Of an index that has more than was read, older ones are not known: so of the others they do not count yet.
    const known = pages.flatMap((page) => (page.length < count ? [] : page.slice(-1))).toSorted(compareEntries)[0]
    const entries = pages
      .flat()
      .filter((entry) => (!at || isAfter(entry, at)) && !(known && isAfter(entry, known)))
      .toSorted(compareEntries)
    return { entries, isEnd: known === undefined }
  }
}

const isDry = ({ ahead, isEnd }: Strand): boolean => ahead.length === 0 && !isEnd

function newerOf(best: Strand | undefined, strand: Strand): Strand | undefined {
  const [head, other] = [strand.ahead[0], best?.ahead[0]]
  return head && (!other || compareEntries(head, other) < 0) ? strand : best
}

/** When a job with this place was submitted, as its record says it. */
export const submittedAt = ({ score }: Entry): string => isoTime(Math.floor(score / 1000))
