/**
 * Jobs as they lay in Redis in the former layout, where a ticket of BullMQ named each: the very keys that its scripts wrote.
 * Called by the tests of the upgrade.
 */
import type { JobId, JobRecord } from '@millrace/contracts'
import { newJobId } from '@millrace/queue'
import type { Redis } from 'ioredis'

/** What had become of a job when the former processes went. */
export type FormerState = 'waiting' | 'delayed' | 'retried' | 'suspect' | 'claimed' | 'orphaned' | 'late' | 'unticketed'
export const FORMER_STATES: readonly FormerState[] = [
  ...(['waiting', 'delayed', 'retried', 'suspect', 'claimed', 'orphaned', 'late', 'unticketed'] as const),
]

export interface FormerJob {
  state: FormerState
  model: string
  tenant?: string
  priority?: JobRecord['priority']
  /** Milliseconds. */
  createdAt?: number
  runAt?: number
  notBefore?: number
  cancelAt?: number
  inputFiles?: object[]
}

const NUMBERS = { high: 1, normal: 2, low: 3 } as const
const HOUR = 3_600_000
let written = 0

const isRunning = (state: FormerState): boolean => state === 'claimed' || state === 'orphaned'

/** Writes the job as the former scripts did, at the time `now` of Redis. */
export async function writeFormer(redis: Redis, now: number, job: FormerJob): Promise<JobId> {
  const { state, model, tenant = 'acme', runAt = 0 } = job
  const id = newJobId(model)
  const prefix = `{mr:${id.slice(4, 12)}}:`
  const createdAt = job.createdAt ?? now - 60_000
  const createdUs = createdAt * 1000 + (written++ % 1000)
  const status = isRunning(state) ? 'running' : 'queued'
  const start = Math.max(createdAt, runAt)
  const notBefore = job.notBefore ?? (state === 'retried' ? now + HOUR : runAt)
  const expiresAt = state === 'late' ? now - 1 : start + 24 * HOUR
  const rank = NUMBERS[job.priority ?? 'normal'] * 2e15 + createdUs
  const heard = state === 'orphaned' ? now - 20_000 : now
  const record: Record<string, string | number> = {
    ...{ kind: 'prediction', model, version: '1.0.0', input: '{"inline":"{}"}', priority: job.priority ?? 'normal' },
    ...{
      max_attempts: 3,
      timeout: 60,
      retention: 3600,
      status,
      tenant,
      fence: 0,
      failures: 0,
      crashes: 0,
      revision: 1,
    },
    ...{ created_at: createdAt, created_us: createdUs, rank, not_before: notBefore },
    ...{ expires_in: expiresAt - start, expires_at: expiresAt },
    ...(runAt > 0 && { run_at: runAt }),
    ...(job.inputFiles && { input_files: JSON.stringify(job.inputFiles) }),
    ...(state === 'retried' && { fence: 1, settled: 1, failures: 1, begun: '1', retry_delay: 1000 }),
    ...(state === 'suspect' && { fence: 2, settled: 2, crashes: 1, lost: 1, begun: '1', heartbeat_at: now - 5000 }),
    ...(isRunning(state) && {
      fence: 1,
      worker: 'w_former',
      delivery: 'd',
      started_at: now - 50_000,
      heartbeat_at: heard,
    }),
    ...(job.cancelAt && { cancel_at: job.cancelAt }),
  }
  await redis.hset(`${prefix}job:${id}`, record)
  await redis.zadd(`${prefix}index:${tenant}:${status}`, createdUs, id)
  const isPutOff = notBefore > now
  const look = isRunning(state) ? heard + 60_000 : isPutOff ? notBefore + 2000 : expiresAt + 1
  await redis.zadd(`${prefix}open`, look, id)
  if (status === 'queued') await redis.zadd(`${prefix}line`, rank, id)
  if (state !== 'unticketed') await writeTicket(redis, `${prefix}bull:${model}:`, id, { ...job, isPutOff, notBefore })
  return id
}

async function writeTicket(
  redis: Redis,
  bull: string,
  id: JobId,
  { state, priority = 'normal', isPutOff, notBefore }: FormerJob & { isPutOff: boolean; notBefore: number },
): Promise<void> {
  const number = NUMBERS[priority]
  const opts = { removeOnFail: true, removeOnComplete: true, jobId: id, priority: number, delay: 0, attempts: 1 }
  const ticket = { name: 'job', data: JSON.stringify({ id }), timestamp: 1, delay: 0, priority: number }
  await redis.hset(bull + id, { ...ticket, opts: JSON.stringify(opts) })
  await redis.hset(`${bull}meta`, 'opts.maxLenEvents', 1000)
  if (isRunning(state)) await redis.lpush(`${bull}active`, id)
  else if (isPutOff) await redis.zadd(`${bull}delayed`, notBefore * 0x1000, id)
  else await redis.zadd(`${bull}prioritized`, number * 0x1_0000_0000 + (await redis.incr(`${bull}pc`)), id)
  await redis.zadd(`${bull}marker`, 0, '0')
}

/** Ends the attempt at a job as the former `settle` did, with success or by giving it back. */
export async function settleFormer(redis: Redis, id: JobId, how: 'succeeded' | 'queued'): Promise<void> {
  const prefix = `{mr:${id.slice(4, 12)}}:`
  const key = `${prefix}job:${id}`
  const [tenant, createdUs, rank, fence] = await redis.hmget(key, 'tenant', 'created_us', 'rank', 'fence')
  await redis.hset(key, { status: how, settled: fence ?? '' })
  await redis.zrem(`${prefix}index:${tenant}:running`, id)
  await redis.zadd(`${prefix}index:${tenant}:${how}`, Number(createdUs), id)
  if (how === 'queued') {
    await redis.zadd(`${prefix}line`, Number(rank), id)
    await redis.hset(key, { not_before: 0, retry_delay: 0 })
  } else {
    await redis.zrem(`${prefix}open`, id)
    await redis.zadd(`${prefix}purge`, Date.now() + HOUR, id)
  }
}

/** Claims a waiting job as the former `claim` did, for a worker that had its ticket in hand. */
export async function claimFormer(redis: Redis, id: JobId, now: number): Promise<void> {
  const prefix = `{mr:${id.slice(4, 12)}}:`
  const key = `${prefix}job:${id}`
  const [tenant, createdUs] = await redis.hmget(key, 'tenant', 'created_us')
  await redis.hincrby(key, 'fence', 1)
  await redis.hset(key, { status: 'running', worker: 'w_former', delivery: 'd', started_at: now, heartbeat_at: now })
  await redis.zrem(`${prefix}index:${tenant}:queued`, id)
  await redis.zadd(`${prefix}index:${tenant}:running`, Number(createdUs), id)
  await redis.zrem(`${prefix}line`, id)
  await redis.zadd(`${prefix}open`, now + 60_000, id)
}
