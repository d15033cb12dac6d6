import { JOB_STATUSES, type JobRecord } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { toRecord } from './job-fields.ts'
import { MODELS_KEY, prefixOfJob, prefixOfModel } from './keys.ts'
import type { ListQuery } from './ports.ts'

/** Jobs whose creation times collide on the microsecond are told apart by id; so many are read beyond the page. */
const TIES = 16

interface Entry {
  id: string
  /** Creation in microseconds. */
  score: number
}

/**
 * A tenant's jobs, newest first. Each model keeps one index per status; the page is merged from those that apply, so a
 * job that changes its status between two pages is neither skipped nor shown twice by its place, which never changes.
 */
export async function listJobs(
  redis: Redis,
  query: ListQuery,
): Promise<{ records: JobRecord[]; nextCursor: string | null }> {
  const models = query.model ? [query.model] : await redis.smembers(MODELS_KEY)
  const statuses = query.status ? [query.status] : JOB_STATUSES
  const cursor = query.cursor ? decodeCursor(query.cursor) : undefined
  const pipeline = redis.pipeline()
  for (const model of models) {
    for (const status of statuses) {
      const key = `${prefixOfModel(model)}index:${query.tenant}:${status}`
      const count = query.limit + 1 + TIES
      pipeline.zrange(key, cursor?.score ?? '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, count, 'WITHSCORES')
    }
  }
  const replies = (await pipeline.exec()) ?? []
  const entries = replies
    .flatMap(([error, reply]) => {
      if (error) throw error
      return toEntries(reply as string[])
    })
    .filter((entry) => !cursor || isAfter(entry, cursor))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? 1 : -1))
  const page = entries.slice(0, query.limit)
  const last = page.at(-1)
  const nextCursor = last && entries.length > query.limit ? encodeCursor(last) : null
  return { records: await readAll(redis, page), nextCursor }
}

async function readAll(redis: Redis, page: Entry[]): Promise<JobRecord[]> {
  const pipeline = redis.pipeline()
  for (const { id } of page) pipeline.hgetall(`${prefixOfJob(id)}job:${id}`)
  const replies = (await pipeline.exec()) ?? []
  return replies.flatMap(([error, reply], i) => {
    if (error) throw error
    const hash = reply as Record<string, string>
    // Erased between the two reads.
    return !hash.status || hash.status === 'purged' ? [] : [toRecord((page[i] as Entry).id, hash)]
  })
}

function toEntries(flat: string[]): Entry[] {
  const entries: Entry[] = []
  for (let i = 0; i + 1 < flat.length; i += 2) entries.push({ id: flat[i] as string, score: Number(flat[i + 1]) })
  return entries
}

const isAfter = (entry: Entry, cursor: Entry): boolean =>
  entry.score < cursor.score || (entry.score === cursor.score && entry.id < cursor.id)

const encodeCursor = (entry: Entry): string => Buffer.from(`${entry.score} ${entry.id}`).toString('base64url')

/** Reads a cursor made by `listJobs`. Throws InvalidCursorError for any other text. */
export function decodeCursor(text: string): Entry {
  const [score, id] = Buffer.from(text, 'base64url').toString().split(' ')
  if (!id || !/^job_[0-9a-z]{34}$/.test(id) || !Number.isSafeInteger(Number(score))) throw new InvalidCursorError()
  return { id, score: Number(score) }
}

export class InvalidCursorError extends Error {
  constructor() {
    super('this is no cursor of a job list')
    this.name = 'InvalidCursorError'
  }
}
