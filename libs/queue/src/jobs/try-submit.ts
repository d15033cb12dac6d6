/**
 * What would become of a submit: whether its key was used, whether a limit is reached, and where the job would wait. It reads what
 * submit.lua decides by, and keeps nothing. Called by RedisJobStore.
 */
import type { JobId } from '@millrace/contracts'
import { nameOfPause } from '../models/pauses.ts'
import type { NewJob, SeenKey, TryResult } from '../ports/job-intake.ts'
import { idempotencyDigest, prefixOfJob } from '../redis/keys.ts'
import { type RedisClient, toMs } from '../redis/redis-client.ts'
import { repliesOf } from '../redis/replies-of.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { DAY_MS, isSpent, leftField } from '../waiting/left-of-day.ts'
import { type PlaceDeps, readWouldBe } from '../waiting/read-place.ts'
import type { SubmitLimits } from './submit-batcher.ts'

/** Of what an idempotency key holds, the id of its job; a space and the hash of the body follow. */
const ID_CHARS = 38

export async function trySubmit(deps: PlaceDeps, job: NewJob, limits: SubmitLimits): Promise<TryResult> {
  const { id, tenant, idempotency } = job
  const prefix = prefixOfJob(id)
  const key = idempotency ? idempotencyDigest(tenant, idempotency.key) : ''
  const replies = await orUnavailable(() =>
    deps.redis
      .pipeline()
      .get(`${prefix}idem:${key}`)
      .zcard(`${prefix}index:${tenant}:queued`)
      .zcard(`${prefix}index:${tenant}:running`)
      .zcard(`${prefix}open`)
      .hmget(`${prefix}paused`, nameOfPause(undefined), job.line)
      .hget(`${prefix}policy`, leftField(tenant))
      .time()
      .exec(),
  )
  const [seen, queued, running, open, pauses, left, time] = repliesOf(replies) as [
    string | null,
    number,
    number,
    number,
    (string | null)[],
    string | null,
    [string, string],
  ]
  if (idempotency && seen !== null) return judgeSeen(deps.redis, prefix, seen, idempotency.bodyHash)
  if (pauses.some((pause) => pause?.includes(' refuse'))) return { outcome: 'paused' }
  const nowMs = toMs(time)
  if (isSpent(left, nowMs)) return { outcome: 'spent', resetsMs: DAY_MS - (nowMs % DAY_MS) }
  const { modelJobs } = limits
  const tenantJobs = job.mostOpen ?? limits.tenantJobs
  if (queued + running >= tenantJobs) {
    return { outcome: 'limited', scope: 'tenant', open: queued + running, limit: tenantJobs }
  }
  if (open >= modelJobs) return { outcome: 'limited', scope: 'model', open, limit: modelJobs }
  return { outcome: 'possible', ...(await readWouldBe(deps, job)) }
}

/** Whether its key was used before. */
export async function seenKey(
  redis: RedisClient,
  { id, tenant, idempotency }: Pick<NewJob, 'id' | 'tenant' | 'idempotency'>,
): Promise<SeenKey | undefined> {
  if (!idempotency) return undefined
  const prefix = prefixOfJob(id)
  const seen = await orUnavailable(() => redis.get(`${prefix}idem:${idempotencyDigest(tenant, idempotency.key)}`))
  return seen === null ? undefined : judgeSeen(redis, prefix, seen, idempotency.bodyHash)
}

/** By what a key holds. Its job may have been purged since. */
async function judgeSeen(redis: RedisClient, prefix: string, seen: string, bodyHash: string): Promise<SeenKey> {
  const id = seen.slice(0, ID_CHARS) as JobId
  if (seen.slice(ID_CHARS + 1) !== bodyHash) return { outcome: 'mismatch', id }
  const status = await orUnavailable(() => redis.hget(`${prefix}job:${id}`, 'status'))
  return { outcome: status === null || status === 'purged' ? 'purged' : 'replayed', id }
}
