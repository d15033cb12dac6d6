/** Looks into Redis while a chaos run goes on, beside the house and without its code. */
import { type JsonValue, LIMITS } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import type { PlannedJob } from '../load/plan-chaos.ts'
import { handOutOf, indexKeys, membersOf, prefixOf, webhooksOwed } from './read-evidence.ts'

export interface Observer {
  /** Jobs that have ended. */
  ended(): Promise<number>
  /** Ids of what runs now, as the record says. */
  running(): Promise<string[]>
  /** Jobs that have not ended. */
  open(): Promise<number>
  /** Nothing is open, nothing waits or is held, no webhook is owed, and no checkpoint is to be deleted. */
  isQuiet(): Promise<boolean>
  /**
   * A job that lost all workers but one that the law allows, and that runs or will soon, would be poison if it lost another, whoever shot it. Such
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

  const isAtLastStart = async (prefix: string, id: string): Promise<boolean> => {
    const [crashes, input] = await redis.hmget(`${prefix}job:${id}`, 'crashes', 'input')
    const leasedUntil = await redis.zscore(`${prefix}lease`, id)
    // Its worker has not been heard for a while, and nobody has noticed yet: its next start comes with one crash more.
    const isLost = leasedUntil !== null && Number(leasedUntil) - Date.now() < lockMs / 2
    if (Number(crashes) + Number(isLost) < LIMITS.crashes - 1) return false
    const value = JSON.parse(input ?? '{}') as Extract<JsonValue, { inline: string }>
    return (JSON.parse(value.inline) as PlannedJob['input']).poison === 'none'
  }

  const running = async (): Promise<string[]> => {
    const prefix = findPrefix()
    if (prefix === undefined) return []
    return membersOf(redis, indexKeys(prefix, 'running'))
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
      // Objects of checkpoints that are to be deleted.
      if ((await redis.zcard(`${prefix}dropped`)) > 0) return false
      const { waiting, leases } = await handOutOf(redis, prefix)
      return waiting.length === 0 && leases.length === 0
    },
    async hasInnocentAtItsLastStart() {
      const prefix = findPrefix()
      if (prefix === undefined) return false
      // A suspect that waits runs as soon as a worker is idle.
      const suspects = await membersOf(redis, await redis.keys(`${prefix}suspect:*`))
      const ids = [...(await running()), ...suspects]
      const last = await Promise.all(ids.map((id) => isAtLastStart(prefix, id)))
      return last.includes(true)
    },
  }
}
