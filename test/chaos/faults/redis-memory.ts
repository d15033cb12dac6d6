/** Takes room away from Redis for a while, as outputs that nobody counted on would. Used by the nemesis. */
import type { Redis } from 'ioredis'
import { until } from '../../support/until.ts'

export interface RedisMemory {
  /** Resolves when there is room again. `refused` is null when there was nothing to be submitted any more. */
  fill(): Promise<{ refused: number | null; open: number }>
}

export interface RedisMemoryOptions {
  redis: Redis
  /** Submits that were refused so far for want of room. */
  refused(): number
  /** Whether all jobs were accepted. */
  allAccepted(): boolean
  /** Jobs that have not ended. */
  open(): Promise<number>
}

/** So full that submits are to be refused, and so that Redis itself refuses what takes memory. */
const FULL = 0.85
const OVERFULL = 1.1
const REFUSED_WITHIN_MS = 15_000
/** A job whose worker was shot three times takes as many locks. However many are open, by then one more has ended. */
const ENDS_WITHIN_MS = 45_000

export const openRedisMemory = ({ redis, refused, allAccepted, open }: RedisMemoryOptions): RedisMemory => ({
  async fill() {
    const before = refused()
    await limitTo(redis, FULL)
    const isRefused = () => refused() > before || allAccepted()
    await until('a submit is refused', isRefused, { timeoutMs: REFUSED_WITHIN_MS, everyMs: 50 }).catch(() => undefined)
    await limitTo(redis, OVERFULL)
    const full = { open: await openAfterAll(open), refused: allAccepted() ? null : refused() - before }
    await redis.config('SET', 'maxmemory', '0')
    return full
  },
})

/** What stays open when no more jobs end: 0 is right. How fast they end is a matter of the machine. */
async function openAfterAll(open: () => Promise<number>): Promise<number> {
  const left = await open()
  if (left === 0) return 0
  const isFewer = async () => (await open()) < left
  const goesOn = await until('one more has ended', isFewer, { timeoutMs: ENDS_WITHIN_MS, everyMs: 100 }).then(
    () => true,
    () => false,
  )
  return goesOn ? openAfterAll(open) : left
}

/** Sets the limit so that what is used now is this share of it. */
async function limitTo(redis: Redis, share: number): Promise<void> {
  const used = Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1])
  await redis.config('SET', 'maxmemory', Math.round(used / share))
}
