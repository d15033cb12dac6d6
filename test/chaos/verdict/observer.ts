/** Looks into Redis while a chaos run goes on, beside the house and without its code. */
import { type JsonValue, LIMITS } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import type { PlannedJob } from '../load/plan-chaos.ts'
import { prefixOf, webhooksOwed } from './read-evidence.ts'

export interface Observer {
  /** Jobs that have ended. */
  ended(): Promise<number>
  /** Ids of what runs now, as the record says. */
  running(): Promise<string[]>
  /** Jobs that have not ended. */
  open(): Promise<number>
  /** Nothing is open, the transport holds nothing, and no webhook is owed. */
  isQuiet(): Promise<boolean>
  /**
   * A running job that lost all workers but one that the law allows would be poison if it lost another, whoever shot it. Such
   * bad luck is no fault of the house, so the nemesis waits until that job has ended.
   */
  hasInnocentAtItsLastStart(): Promise<boolean>
}

export interface ObserverOptions {
  /** Ids by number of the job. */
  accepted: ReadonlyMap<number, readonly string[]>
  lockMs: number
}

/** Knows nothing before the first job was accepted: its id names the model's keys. */
export function openObserver(redis: Redis, { accepted, lockMs }: ObserverOptions): Observer {
  const findPrefix = (): string | undefined => {
    const [first] = accepted.values()
    return first?.[0] === undefined ? undefined : prefixOf(first[0])
  }

  let tenant: string | undefined
  const isAtLastStart = async (key: string, now: number): Promise<boolean> => {
    const [status, crashes, input, heartbeat] = await redis.hmget(key, 'status', 'crashes', 'input', 'heartbeat_at')
    if (status !== 'running') return false
    // Its worker is gone and nobody has noticed yet: its next start comes with one crash more.
    const isLost = now - Number(heartbeat) > lockMs / 2
    if (Number(crashes) + Number(isLost) < LIMITS.crashes - 1) return false
    const value = JSON.parse(input ?? '{}') as Extract<JsonValue, { inline: string }>
    return (JSON.parse(value.inline) as PlannedJob['input']).poison === 'none'
  }

  const running = async (): Promise<string[]> => {
    const prefix = findPrefix()
    if (prefix === undefined) return []
    const [first] = accepted.values()
    tenant ??= (await redis.hget(`${prefix}job:${first?.[0]}`, 'tenant')) ?? ''
    return redis.zrange(`${prefix}index:${tenant}:running`, '0', '-1')
  }

  return {
    running,
    async ended() {
      const prefix = findPrefix()
      if (prefix === undefined) return 0
      const counts = await redis.hvals(`${prefix}counts`)
      return counts.reduce((sum, count) => sum + Number(count), 0)
    },
    async open() {
      const prefix = findPrefix()
      return prefix === undefined ? 0 : redis.zcard(`${prefix}open`)
    },
    async isQuiet() {
      const prefix = findPrefix()
      if (prefix === undefined) return false
      if ((await redis.zcard(`${prefix}open`)) + (await webhooksOwed(redis, prefix)) > 0) return false
      return (await redis.keys(`${prefix}bull:chaos:job_*`)).length === 0
    },
    async hasInnocentAtItsLastStart() {
      const prefix = findPrefix()
      if (prefix === undefined) return false
      const last = await Promise.all((await running()).map((id) => isAtLastStart(`${prefix}job:${id}`, Date.now())))
      return last.includes(true)
    },
  }
}
