/** How many workers models need, in Redis. Made by openQueue. */
import type { ModelScaling, ScaleAsk, ScaleState } from '../ports/scaling/model-scaling.ts'
import { prefixOfModel } from '../redis/keys.ts'
import type { RedisClient } from '../redis/redis-client.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { MOST_HOLD_MS } from './places-needed.ts'
import { planPools, type ScalePlan } from './plan-pools.ts'

export class RedisModelScaling implements ModelScaling {
  readonly #redis: RedisClient
  readonly #run: RunScript

  constructor(redis: RedisClient, run: RunScript) {
    this.#redis = redis
    this.#run = run
  }

  async state(model: string, ask: ScaleAsk): Promise<ScaleState | undefined> {
    // Who asks for something else is kept something else.
    const asked = `${ask.targetWaitMs}:${ask.coldStartMs ?? ''}`
    const reply = await this.#run('shares/demand', { model, asked })
    if (reply.versions.length === 0) return undefined
    const { state, fresh, stale } = planPools(reply, ask)
    // It is right without it, too, but for what was needed a moment ago: a Redis that takes nothing more must not end workers.
    if (fresh.length > 0)
      await this.#keep(`${prefixOfModel(model)}needed:${asked}`, { fresh, stale }).catch(() => undefined)
    return state
  }

  async #keep(key: string, { fresh, stale }: Pick<ScalePlan, 'fresh' | 'stale'>): Promise<void> {
    const pipeline = this.#redis
      .pipeline()
      .hset(key, Object.fromEntries(fresh))
      .pexpire(key, 2 * MOST_HOLD_MS)
    if (stale.length > 0) pipeline.hdel(key, ...stale)
    await pipeline.exec()
  }
}
