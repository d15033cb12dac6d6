/**
 * A tenant's jobs, newest first. Each model keeps one index per status; the page is merged from those that apply. A job's place
 * never changes, so one that changes its status between two pages is neither skipped nor shown twice. Called by RedisJobStore.
 */
import { JOB_STATUSES, type JobRecord } from '@millrace/contracts'
import type { Ask, RedisClient } from '../redis/redis-client.ts'
import { toRecord } from '../record/record-fields.ts'
import { MODELS_KEY, prefixOfJob, prefixOfModel } from '../redis/keys.ts'
import { type Entry, newestPage } from '../redis/newest-entries.ts'
import { answersOf } from '../redis/replies-of.ts'
import type { JobPage, ListQuery } from '../ports/job-reader.ts'
import { orUnavailable } from '../redis/redis-connection.ts'

const JOB_ID = /^job_[0-9a-z]{34}$/

export async function listJobs(redis: RedisClient, query: ListQuery): Promise<JobPage> {
  const { cursor, limit } = query
  const { page, nextCursor } = await newestPage(redis, () => indexesOf(redis, query), { cursor, ids: JOB_ID, limit })
  return { ...(await orUnavailable(() => readAll(redis, page))), nextCursor }
}

async function indexesOf(redis: RedisClient, query: ListQuery): Promise<string[]> {
  const models = query.model ? [query.model] : [...(query.models ?? (await redis.smembers(MODELS_KEY)))]
  const statuses = query.status ? [query.status] : JOB_STATUSES
  return models.flatMap((model) => statuses.map((status) => `${prefixOfModel(model)}index:${query.tenant}:${status}`))
}

async function readAll(redis: RedisClient, page: Entry[]): Promise<Pick<JobPage, 'records' | 'unreadable'>> {
  const asks = page.map(
    ({ id }): Ask =>
      (to) =>
        to.hgetall(`${prefixOfJob(id)}job:${id}`),
  )
  const records: JobRecord[] = []
  const unreadable: string[] = []
  for (const [i, reply] of (await answersOf(redis, asks)).entries()) {
    const { id } = page[i] as Entry
    const hash = reply as Record<string, string>
    // Purged between the two reads.
    if (!hash.status || hash.status === 'purged') continue
    try {
      records.push(toRecord(id, hash))
    } catch {
      unreadable.push(id)
    }
  }
  return { records, unreadable }
}
