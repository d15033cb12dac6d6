import type { JobId } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { MODELS_KEY, prefixOfModel } from '../redis/keys.ts'
import type { Reply, RunScript } from '../redis/lua-scripts.ts'
import { orUnavailable } from '../redis/redis-connection.ts'

export interface Reconciled {
  /** Open jobs that the transport had lost, or had put off by a wrong clock, and now has again. */
  repaired: number
  expired: number
  /** Canceled because their worker fell silent after the wish. */
  abandoned: number
  /** There is more to look at now. */
  more: boolean
}

export interface Purged {
  /** Purged jobs that may have objects and hold files: these are to be deleted now. */
  purged: { id: JobId; tenant: string }[]
  /** There is more to purge now. */
  more: boolean
}

/** How long a worker that was asked to cancel may be silent before its job is canceled without it. */
const SILENCE_MS = 30_000
/** Whoever purges a job deletes the rest at once; after this another one does. */
const REST_MS = 5000
/** When a job whose webhook is owed after its retention is looked at again. */
const OWED_MS = 60_000
/** Jobs in one page: about a millisecond of Redis. */
const PAGE = 50
/** From one full page to the next, whoever asks: so all reconcilers together take a fifth of Redis' time at most. */
const APART_MS = 5
/** The same between pages of tickets: while none is missed, and while some are. */
const TICKETS_APART_MS = { calm: 1000, hurried: 10 }

/** What the reconciler asks of Redis, one page of one model at a time. Any number of processes may do this at once. */
export class RedisReconcilerStore {
  readonly #redis: Redis
  readonly #run: RunScript

  constructor(redis: Redis, run: RunScript) {
    this.#redis = redis
    this.#run = run
  }

  /** Every model ever published here. */
  models(): Promise<string[]> {
    return orUnavailable(() => this.#redis.smembers(MODELS_KEY))
  }

  /** Looks at open jobs whose time has come, and for lost tickets: expires, abandons, gives tickets. */
  async reconcile(model: string): Promise<Reconciled> {
    const pace = [SILENCE_MS, APART_MS, TICKETS_APART_MS.calm, TICKETS_APART_MS.hurried]
    const reply = await orUnavailable(() => this.#run('jobs/reconcile', prefixOfModel(model), model, PAGE, ...pace))
    const [expired, abandoned, repaired, more] = (reply as Reply[]).map(Number)
    return { expired: expired ?? 0, abandoned: abandoned ?? 0, repaired: repaired ?? 0, more: more === 1 }
  }

  /** Purges finished jobs whose retention is over and whose webhooks are not owed any more. */
  async purge(model: string): Promise<Purged> {
    const pace = [REST_MS, OWED_MS, APART_MS]
    const reply = await orUnavailable(() => this.#run('purge/due', prefixOfModel(model), PAGE, ...pace))
    const [more, ...rest] = reply as [number, ...string[]]
    const purged: Purged['purged'] = []
    for (let i = 0; i + 1 < rest.length; i += 2) purged.push({ id: rest[i] as JobId, tenant: rest[i + 1] as string })
    return { purged, more: more === 1 }
  }
}
