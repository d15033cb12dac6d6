/**
 * Looks after what models know of tenants: those that missed a change are told, and of each cap those models get more where it is
 * wanted, and what is left of the day of those whose device seconds are limited. Made by openQueue.
 */
import type { TenantUpkeep } from '../ports/access/tenant-store.ts'
import { ACCESS_SHARD, prefixOfModel } from '../redis/keys.ts'
import type { ModelNames } from '../redis/model-names.ts'
import { type Ask, askAll, type RedisClient } from '../redis/redis-client.ts'
import { ifAway, orUnavailable } from '../redis/redis-connection.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { DeviceDays } from '../usage/device-days.ts'
import { readPolicies } from './policies.ts'
import type { ShareOut } from './share-out.ts'

const CHANGE = `${ACCESS_SHARD}policies:change`
const CHANGED = `${ACCESS_SHARD}policies:changed`

export interface TenantUpkeepParts {
  redis: RedisClient
  run: RunScript
  names: ModelNames
  shares: ShareOut
  /** Names this process. */
  process: string
}

export class RedisTenantUpkeep implements TenantUpkeep {
  readonly #parts: TenantUpkeepParts
  readonly #days: DeviceDays

  constructor(parts: TenantUpkeepParts) {
    this.#parts = parts
    this.#days = new DeviceDays(parts.redis, parts.run)
  }

  async tend(): Promise<void> {
    const { run, names, process } = this.#parts
    if (!(await run('access/keep_turn', { process }))) return
    const models = await names.all()
    await this.#tellMissed(models)
    await this.#shift(models)
    await this.#days.tend(models)
  }

  /** Before a model can be seen: what was set for tenants holds for its first job. */
  async seed(model: string): Promise<void> {
    const { redis, shares } = this.#parts
    if ((await orUnavailable(() => redis.get(toldKey(model)))) !== null) return
    const at = await this.#now()
    await shares.seed(model, await this.#changedSince(0), at)
  }

  async #tellMissed(models: readonly string[]): Promise<void> {
    const { redis, shares } = this.#parts
    const at = await this.#now()
    const asks = models.map(
      (model): Ask =>
        (to) =>
          to.get(toldKey(model)),
    )
    // One that does not answer is looked at again when it does.
    const told = (await orUnavailable(() => askAll(redis, asks))).flatMap(([error, text]) =>
      error ? [] : [Number(text ?? 0)],
    )
    // One that knows more than there was is of a time before Redis lost its data.
    const since = told.some((one) => one > at) ? 0 : Math.min(at, ...told)
    if (since < at || told.some((one) => one > at)) await shares.shareOut(await this.#changedSince(since), at)
  }

  async #shift(models: readonly string[]): Promise<void> {
    const { redis, run, shares } = this.#parts
    const hungry = new Map<string, number>()
    const seen = await Promise.all(models.map((model) => ifAway(run('shares/hungry', { model }), () => [])))
    for (const { tenant, cap } of seen.flat()) hungry.set(tenant, Math.min(cap, hungry.get(tenant) ?? cap))
    const policies = await readPolicies(redis, [...hungry.keys()])
    // Who has all of its cap in the one model where it wants it has nothing to gain.
    const wanting = [...policies].filter(([tenant, { cap = Infinity }]) => (hungry.get(tenant) ?? 0) < cap)
    if (wanting.length > 0) await shares.shift(wanting.map(([tenant]) => tenant))
  }

  async #now(): Promise<number> {
    return Number((await orUnavailable(() => this.#parts.redis.get(CHANGE))) ?? 0)
  }

  #changedSince(at: number): Promise<string[]> {
    return orUnavailable(() => this.#parts.redis.zrangebyscore(CHANGED, `(${at}`, '+inf'))
  }
}

const toldKey = (model: string): string => `${prefixOfModel(model)}policy:at`
