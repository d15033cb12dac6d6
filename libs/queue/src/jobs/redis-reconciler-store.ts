import type { JobId } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { MODELS_KEY } from '../redis/keys.ts'
import type { RunScript } from '../redis/lua-scripts.ts'
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
  reconcile(model: string): Promise<Reconciled> {
    return this.#run('jobs/reconcile', { model })
  }

  /** Purges finished jobs whose retention is over and whose webhooks are not owed any more. */
  purge(model: string): Promise<Purged> {
    return this.#run('purge/due', { model })
  }
}
