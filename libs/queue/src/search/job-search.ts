/**
 * The search for a tenant's jobs that a filter means, newest first. Model, status and time of submit are answered by the indexes; for
 * all else the records are read, some hundred at a time. Called by listJobs, countJobs and findFailures, and for actions on all
 * that match.
 */
import { type JobFilter, type JobId, statusesOf } from '@millrace/contracts'
import type { SearchQuery } from '../ports/job-reader.ts'
import { isFormer, type Searched, SEARCHED_FIELDS, toRecord } from '../record/record-fields.ts'
import { MODELS_KEY, prefixOfJob } from '../redis/keys.ts'
import { decodeCursor, type Entry } from '../redis/newest-entries.ts'
import type { Ask, RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { JobWalk, type Span } from './job-walk.ts'
import { matchesFilter } from './matches-filter.ts'

export interface SearchParts {
  redis: RedisClient
  run: RunScript
}

/** Records that are read at once. */
const STEP = 500

/** `job` is there when its record was read. */
export interface Found extends Entry {
  job?: Searched
}

export interface Step {
  found: Found[]
  /** Jobs that were looked at, those among them that match not. */
  searched: number
  /** The last that was looked at. */
  at: Entry | undefined
  /** No job comes after these. */
  isEnd: boolean
  /** Jobs whose records are not understood here. */
  unreadable: string[]
}

interface Opened {
  redis: RedisClient
  filter: JobFilter
  walk: JobWalk
  /** Of each record; none: the indexes know enough. */
  fields: readonly string[]
}

/** What a caller needs to know of the jobs that are found, beside what the filter asks. */
type Needed = keyof typeof SEARCHED_FIELDS

export class JobSearch {
  readonly #redis: RedisClient
  readonly #filter: JobFilter
  readonly #walk: JobWalk
  readonly #fields: readonly string[]

  private constructor({ redis, filter, walk, fields }: Opened) {
    this.#redis = redis
    this.#filter = filter
    this.#walk = walk
    this.#fields = fields
  }

  /** With something `needed` records are read in any case. Rejects with InvalidCursorError before Redis is asked. */
  static async open(
    { redis, run }: SearchParts,
    query: SearchQuery,
    needed: readonly Needed[] = [],
  ): Promise<JobSearch> {
    const { tenant, filter = {}, cursor } = query
    const after = cursor ? decodeCursor(cursor, JOB_ID) : undefined
    const models = await modelsOf(redis, query)
    const walked = { tenant, models, statuses: statusesOf(filter), span: spanOf(filter), after }
    return new JobSearch({ redis, filter, walk: new JobWalk(run, walked), fields: fieldsFor(filter, needed) })
  }

  /** Looks on, until a step is done; without reading records, until it has found `enough`. */
  async step(enough: number): Promise<Step> {
    const isRead = this.#fields.length > 0
    const count = isRead ? STEP : enough
    const entries = await this.#walk.next(count)
    const step = { searched: entries.length, at: entries.at(-1), isEnd: entries.length < count }
    return { ...step, ...(isRead ? await this.#read(entries) : { found: entries, unreadable: [] }) }
  }

  async #read(entries: readonly Entry[]): Promise<Pick<Step, 'found' | 'unreadable'>> {
    const found: Found[] = []
    const unreadable: string[] = []
    for (const [i, hash] of (await readHashes(this.#redis, entries, this.#fields)).entries()) {
      const entry = entries[i] as Entry
      // Purged meanwhile.
      if (!hash.status || hash.status === 'purged') continue
      try {
        const job = toRecord(entry.id, hash)
        if (matchesFilter(job, this.#filter)) found.push({ ...entry, job })
      } catch {
        unreadable.push(entry.id)
      }
    }
    return { found, unreadable }
  }
}

const JOB_ID = /^job_[0-9a-z]{34}$/

/** Whether the indexes alone know which jobs are meant, and not their records. */
export function isByIndex({
  model: _m,
  status: _s,
  created_after: _a,
  created_before: _b,
  ...rest
}: JobFilter): boolean {
  return Object.values(rest).every((condition) => condition === undefined)
}

/** The models that may have such jobs. */
export async function modelsOf(redis: RedisClient, { filter = {}, models }: SearchQuery): Promise<string[]> {
  const named =
    filter.model === undefined ? (models ?? (await orUnavailable(() => redis.smembers(MODELS_KEY)))) : [filter.model]
  return [...named].filter((name) => !models || models.has(name))
}

/** Times of submit that such jobs can have. What ended by a time was submitted by then. */
export function spanOf({ created_after, created_before, ended_before }: JobFilter): Span {
  const before = [created_before, ended_before].flatMap((time) => (time === undefined ? [] : [Date.parse(time)]))
  return {
    // A time tells milliseconds; the whole of its millisecond counts.
    newest: before.length === 0 ? undefined : Math.min(...before) * 1000 + 999,
    oldest: created_after === undefined ? undefined : Date.parse(created_after) * 1000,
  }
}

type Hash = Record<string, string | undefined>

function fieldsFor(filter: JobFilter, needed: readonly Needed[]): string[] {
  if (needed.length === 0 && isByIndex(filter)) return []
  const { error_code, failure, ended_after, ended_before, version, worker, device } = filter
  const needs: Needed[] = [
    ...(['base', ...needed] as const),
    ...((error_code ?? failure) ? (['error'] as const) : []),
    ...((ended_after ?? ended_before) ? (['end'] as const) : []),
    // A kind of failure is one of a version, which is that of the last attempt.
    ...((version ?? worker ?? device ?? failure) ? (['attempts'] as const) : []),
  ]
  return [...new Set(needs.flatMap((need) => SEARCHED_FIELDS[need]))]
}

async function readHashes(redis: RedisClient, entries: readonly Entry[], fields: readonly string[]): Promise<Hash[]> {
  const asks = entries.map(
    ({ id }): Ask =>
      (to) =>
        to.hmget(keyOf(id), ...fields),
  )
  const hashes = (await answersOf(redis, asks)).map((values) => {
    const hash: Hash = {}
    for (const [i, value] of (values as (string | null)[]).entries())
      if (value !== null) hash[fields[i] as string] = value
    return hash
  })
  return Promise.all(
    hashes.map(async (hash, i) => {
      const { id } = entries[i] as Entry
      return isFormer(hash) ? await orUnavailable(() => redis.hgetall(keyOf(id))) : hash
    }),
  )
}

const keyOf = (id: string): string => `${prefixOfJob(id as JobId)}job:${id}`
