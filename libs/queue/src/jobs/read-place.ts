/** Where a queued job waits, in one round trip. Called by RedisJobStore. */
import type { JobRecord } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import type { QueuePlace } from '../ports/job-reader.ts'
import { prefixOfJob } from '../redis/keys.ts'
import { repliesOf } from '../redis/replies-of.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { WORKER_ALIVE_MS } from '../scripts/contract/script-constants.ts'

/** Workers are counted up to here: the answer is for people. */
const MOST_COUNTED = 100

/** Undefined when it has left the line since the record was read. */
export async function readPlace(redis: Redis, { id, line, tenant }: JobRecord): Promise<QueuePlace | undefined> {
  const prefix = prefixOfJob(id)
  const replies = await orUnavailable(() =>
    redis
      .pipeline()
      .time()
      .zrevrange(`${prefix}serving:${line}`, 0, MOST_COUNTED - 1, 'WITHSCORES')
      .zrank(`${prefix}wait:${line}:${tenant}`, id)
      .zscore(`${prefix}later`, id)
      .zscore(`${prefix}suspect:${line}`, id)
      .exec(),
  )
  const [time, seen, rank, later, suspect] = repliesOf(replies) as [
    [string, string],
    string[],
    number | null,
    string | null,
    string | null,
  ]
  if (rank === null && later === null && suspect === null) return undefined
  const now = Number(time[0]) * 1000
  const workers = seen.filter((score, i) => i % 2 === 1 && Number(score) > now - WORKER_ALIVE_MS).length
  return { position: rank === null ? null : rank + 1, workers }
}
