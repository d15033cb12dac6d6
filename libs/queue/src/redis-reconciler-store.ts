import { type JobId, jobRecordSchema } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { MODELS_KEY, prefixOfModel } from './keys.ts'
import type { Reply, RunScript } from './lua-scripts.ts'
import { orUnavailable, redisNow } from './redis-connection.ts'
import type { Ticket, Transport } from './transport.ts'

export interface Reconciled {
  /** Open jobs that the transport had lost and now has again. */
  repaired: number
  expired: number
  /** Canceled because their worker fell silent after the wish. */
  abandoned: number
}

/** How long a worker that was asked to cancel may be silent before its job is canceled without it. */
const SILENCE_MS = 30_000
/** Whoever purges a job erases the rest at once; after this the reconciler does. */
const ERASE_MS = 5000

/** When a job whose webhook is owed after its retention is looked at again. */
const OWED_MS = 60_000

/** What the reconciler asks of Redis, one model at a time. Any number of processes may do this at once. */
export class RedisReconcilerStore {
  readonly #redis: Redis
  readonly #run: RunScript
  readonly #transport: Transport

  constructor(redis: Redis, run: RunScript, transport: Transport) {
    this.#redis = redis
    this.#run = run
    this.#transport = transport
  }

  /** Every model ever published here. */
  models(): Promise<string[]> {
    return orUnavailable(() => this.#redis.smembers(MODELS_KEY))
  }

  /** Looks at up to `limit` open jobs whose time has come: expires, abandons, or adds them to the transport again. */
  async reconcile(model: string, limit = 200): Promise<Reconciled> {
    const prefix = prefixOfModel(model)
    const due = await orUnavailable(async () =>
      this.#redis.zrangebyscore(`${prefix}open`, '-inf', await redisNow(this.#redis), 'LIMIT', 0, limit),
    )
    const result: Reconciled = { repaired: 0, expired: 0, abandoned: 0 }
    if (due.length === 0) return result
    // The transport first: a ticket goes only after its job has ended, so a job without one that is then still open has
    // truly lost it.
    const known = await this.#transport.has(model, due)
    const lost: Ticket[] = []
    for (const [i, id] of due.entries()) {
      const [state, delay, priority] = (await orUnavailable(() =>
        this.#run('inspect', prefix, id, SILENCE_MS),
      )) as Reply[]
      if (state === 'expired') result.expired++
      else if (state === 'abandoned') result.abandoned++
      else if (state === 'open' && !known[i]) {
        lost.push({ id, model, delayMs: Number(delay), priority: jobRecordSchema.shape.priority.parse(priority) })
      }
    }
    await this.#transport.addAll(lost)
    result.repaired = lost.length
    return result
  }

  /** Purged jobs whose objects and files are not known to be gone, though their purge is a while ago. */
  async erasing(model: string, limit = 100): Promise<{ id: JobId; tenant: string }[]> {
    return orUnavailable(async () => {
      const before = (await redisNow(this.#redis)) - ERASE_MS
      const owed = await this.#redis.zrangebyscore(`${prefixOfModel(model)}erasing`, '-inf', before, 'LIMIT', 0, limit)
      return owed.map((text) => ({ id: text.slice(0, text.indexOf(' ')), tenant: text.slice(text.indexOf(' ') + 1) }))
    })
  }

  /** Finished jobs whose retention is over and whose webhook is not owed any more. */
  async purgeable(model: string, limit = 100): Promise<{ id: JobId; tenant: string }[]> {
    const prefix = prefixOfModel(model)
    return orUnavailable(async () => {
      const now = await redisNow(this.#redis)
      const ids = await this.#redis.zrangebyscore(`${prefix}purge`, '-inf', now, 'LIMIT', 0, limit)
      const found: { id: JobId; tenant: string }[] = []
      for (const id of ids) {
        const [tenant, owed] = await this.#redis.hmget(`${prefix}job:${id}`, 'tenant', 'owed')
        if (Number(owed ?? 0) <= 0) found.push({ id, tenant: tenant ?? '' })
        // Out of the way, or a page of them would keep all others from being seen.
        else await this.#redis.zadd(`${prefix}purge`, 'XX', now + OWED_MS, id)
      }
      return found
    })
  }
}
