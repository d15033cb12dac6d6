/** What holds for tenants in the hand-out: what was set for each, and else what the installation has. Read by ShareOut. */
import type { TenantDefaults } from '../ports/access/tenant-store.ts'
import { ACCESS_SHARD } from '../redis/keys.ts'
import type { Ask, RedisClient } from '../redis/redis-client.ts'
import { answersOf } from '../redis/replies-of.ts'

export interface Policy {
  weight: number
  /** How many of its jobs may run at once, over all models; undefined: any number. */
  cap: number | undefined
}

const NONE = '-'
const DEFAULTS = `${ACCESS_SHARD}policies:defaults`

/** A row for each tenant that they name, as they are kept: weight and cap. */
export function toRows({ weights, running }: TenantDefaults): { tenant: string; policy: string }[] {
  // A tenant may be called as every object has a property.
  const of = (numbers: Readonly<Record<string, number>>, name: string) =>
    Object.hasOwn(numbers, name) ? String(numbers[name]) : NONE
  const tenants = [...new Set([...Object.keys(weights), ...Object.keys(running)])]
  return tenants.map((tenant) => ({ tenant, policy: `${of(weights, tenant)} ${of(running, tenant)}` }))
}

export async function readPolicies(redis: RedisClient, tenants: readonly string[]): Promise<Map<string, Policy>> {
  if (tenants.length === 0) return new Map()
  const asks = tenants.map(
    (tenant): Ask =>
      (to) =>
        to.hmget(`${ACCESS_SHARD}tenant:${tenant}`, 'weight', 'running_jobs'),
  )
  const [defaults, ...own] = (await answersOf(redis, [(to) => to.hmget(DEFAULTS, ...tenants), ...asks])) as [
    (string | null)[],
    ...[string | null, string | null][],
  ]
  return new Map(
    tenants.map((tenant, i) => {
      const [weight, cap] = (defaults[i] ?? `${NONE} ${NONE}`).split(' ').map(toNumber)
      const [ownWeight, ownCap] = own[i] ?? []
      return [tenant, { weight: toNumber(ownWeight) ?? weight ?? 1, cap: toNumber(ownCap) ?? cap }]
    }),
  )
}

const toNumber = (text: string | null | undefined): number | undefined =>
  text === null || text === undefined || text === NONE ? undefined : Number(text)
