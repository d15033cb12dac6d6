/**
 * Sees to it that tenants use devices no longer in a day than they may, over all models. No script sees two shards, so each model is told
 * what the limit leaves when that is taken off which was used elsewhere; from then on its scripts take off what ends there. What was
 * used elsewhere is known to about a second. Called by upkeep: see TenantUpkeep.
 */
import { ACCESS_SHARD } from '../redis/keys.ts'
import type { Ask, RedisClient } from '../redis/redis-client.ts'
import { ifAway, orUnavailable } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

/** Tenants with such a limit; one whose limit was taken away is among them until all models know. */
const METERED = `${ACCESS_SHARD}tenants:metered`
/** Tenants of one round. Where there are more, each is looked at in its turn. */
const AT_ONCE = 256

/** What tenants have used of a model on a day. Milliseconds. */
interface Spent {
  day: number
  byTenant: ReadonlyMap<string, number>
}

export class DeviceDays {
  readonly #redis: RedisClient
  readonly #run: RunScript
  /** By model: what was seen last. */
  readonly #seen = new Map<string, Spent>()
  #turn = 0

  constructor(redis: RedisClient, run: RunScript) {
    this.#redis = redis
    this.#run = run
  }

  async tend(models: readonly string[]): Promise<void> {
    const tenants = await this.#next()
    if (tenants.length === 0) return
    const limits = await this.#limitsOf(tenants)
    const here = await Promise.all(models.map((model) => this.#spentIn(model, tenants)))
    const known = models.map((model, i) => here[i] ?? this.#seen.get(model))
    // What is told holds on where it is not known what a model has used that is away: with less than all known, too much would be allowed.
    if (known.some((spent) => spent === undefined)) return
    const told = await Promise.all(
      models.map(async (model, i) => {
        const { day } = here[i] ?? {}
        if (day === undefined) return false
        const others = known.filter((spent, other) => other !== i && spent?.day === day) as Spent[]
        const rows = tenants.map((tenant) => rowOf(tenant, limits.get(tenant), others))
        return ifAway(this.#run('shares/allow', { model, day, rows }), () => false)
      }),
    )
    const free = tenants.filter((tenant) => !limits.has(tenant))
    if (free.length > 0 && !told.includes(false)) await this.#run('access/unmeter', { ids: free })
  }

  async #next(): Promise<string[]> {
    const all = (await orUnavailable(() => this.#redis.smembers(METERED))).sort()
    if (this.#turn >= all.length) this.#turn = 0
    const from = this.#turn
    this.#turn += AT_ONCE
    return all.slice(from, from + AT_ONCE)
  }

  /** Milliseconds, of those that have a limit. */
  async #limitsOf(tenants: readonly string[]): Promise<Map<string, number>> {
    const asks = tenants.map(
      (tenant): Ask =>
        (to) =>
          to.hget(`${ACCESS_SHARD}tenant:${tenant}`, 'device_seconds_per_day'),
    )
    const kept = (await answersOf(this.#redis, asks)) as (string | null)[]
    return new Map(
      tenants.flatMap((tenant, i) => (typeof kept[i] === 'string' ? [[tenant, Number(kept[i]) * 1000] as const] : [])),
    )
  }

  async #spentIn(model: string, tenants: readonly string[]): Promise<Spent | undefined> {
    const found = await ifAway(this.#run('shares/spent', { model, tenants }), () => undefined)
    if (!found) return undefined
    const before = this.#seen.get(model)
    const byTenant = new Map(before?.day === found.day ? before.byTenant : [])
    tenants.forEach((tenant, i) => byTenant.set(tenant, found.spent[i] ?? 0))
    this.#seen.set(model, { day: found.day, byTenant })
    return { day: found.day, byTenant }
  }
}

function rowOf(tenant: string, limit: number | undefined, others: readonly Spent[]) {
  const elsewhere = others.reduce((sum, { byTenant }) => sum + (byTenant.get(tenant) ?? 0), 0)
  return { tenant, limit, most: (limit ?? 0) - elsewhere }
}
