/** What was set for tenants, in Redis: a hash each beside the keys, and a row of who was changed when. Made by openQueue. */
import { within } from '@millrace/async'
import { TENANT_SETTING_NAMES, type TenantChanges, type TenantSetting, type TenantSettings } from '@millrace/contracts'
import type {
  KeptTenant,
  SettingsChanges,
  TenantDefaults,
  TenantQuery,
  TenantStore,
} from '../ports/access/tenant-store.ts'
import { ACCESS_SHARD, prefixOfModel } from '../redis/keys.ts'
import type { ModelNames } from '../redis/model-names.ts'
import { newestPage } from '../redis/newest-entries.ts'
import type { Ask, RedisClient } from '../redis/redis-client.ts'
import { ifAway, orUnavailable, QueueUnavailableError } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { toRows } from './policies.ts'
import type { ShareOut } from './share-out.ts'

/** Changes that are read at once; more than these are not looked at one by one. */
const CHANGES_READ = 1000
const TENANT_ID = /^[a-z0-9_-]{1,64}$/

export interface TenantStoreParts {
  redis: RedisClient
  run: RunScript
  shares: Pick<ShareOut, 'shareOut'>
  names: ModelNames
}

export class RedisTenantStore implements TenantStore {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #shares: Pick<ShareOut, 'shareOut'>
  readonly #names: ModelNames

  constructor({ redis, run, shares, names }: TenantStoreParts) {
    this.#redis = redis
    this.#run = run
    this.#shares = shares
    this.#names = names
  }

  async get(id: string): Promise<KeptTenant | undefined> {
    const [known, fields] = (await answersOf(this.#redis, [
      (to) => to.zscore(TENANTS, id),
      (to) => to.hgetall(keyOf(id)),
    ])) as [string | null, Record<string, string>]
    return known === null ? undefined : toTenant(id, fields)
  }

  async list({ limit, cursor }: TenantQuery): ReturnType<TenantStore['list']> {
    const { page, nextCursor } = await newestPage(this.#redis, async () => [TENANTS], { cursor, ids: TENANT_ID, limit })
    const asks = page.map(
      ({ id }): Ask =>
        (to) =>
          to.hgetall(keyOf(id)),
    )
    const read = (await answersOf(this.#redis, asks)) as Record<string, string>[]
    return { tenants: page.map(({ id }, i) => toTenant(id, read[i] ?? {})), nextCursor }
  }

  async change(id: string, changes: TenantChanges): ReturnType<TenantStore['change']> {
    const given = TENANT_SETTING_NAMES.filter((name) => changes[name] !== undefined)
    const set = Object.fromEntries(given.map((name) => [name, changes[name] ?? undefined]))
    const clear = given.filter((name) => changes[name] === null)
    const is_policy = POLICY.some((name) => changes[name] !== undefined)
    const is_metered = changes.device_seconds_per_day !== undefined
    const answer = await this.#run('access/set_tenant', { id, is_policy, is_metered, set, clear })
    if (answer.outcome === 'full') return 'full'
    if (is_policy) await this.#tell([id])
    return { before: toTenant(id, answer.before), after: toTenant(id, answer.after) }
  }

  changes(after: number | undefined): Promise<SettingsChanges> {
    return orUnavailable(async () => {
      const at = Number((await this.#redis.get(`${ACCESS_SHARD}tenants:change`)) ?? 0)
      if (after === undefined || at === after) return { at, tenants: after === undefined ? undefined : [] }
      // A Redis that lost its data counts from the beginning.
      if (at < after) return { at, tenants: undefined }
      const changed = `${ACCESS_SHARD}tenants:changed`
      const tenants = await this.#redis.zrangebyscore(changed, `(${after}`, at, 'LIMIT', 0, CHANGES_READ)
      return { at, tenants: tenants.length < CHANGES_READ ? tenants : undefined }
    })
  }

  drawSubmits(
    tenant: string,
    { quota, want }: { quota: number; want: number },
  ): ReturnType<TenantStore['drawSubmits']> {
    return this.#run('access/draw_submits', { tenant, quota, want })
  }

  async jobsOf(tenant: string): ReturnType<TenantStore['jobsOf']> {
    const models = await this.#names.all()
    const asks = models.flatMap((model) =>
      ['queued', 'running'].map(
        (status): Ask =>
          (to) =>
            to.zcard(`${prefixOfModel(model)}index:${tenant}:${status}`),
      ),
    )
    const counts = (await answersOf(this.#redis, asks)) as number[]
    return models.map((model, i) => ({ model, queued: counts[2 * i] ?? 0, running: counts[2 * i + 1] ?? 0 }))
  }

  async setDefaults(defaults: TenantDefaults): Promise<void> {
    await this.#tell(await this.#run('access/set_defaults', { rows: toRows(defaults) }))
  }

  /** What is kept is told to the models. Where that does not work soon, upkeep does it. */
  async #tell(tenants: readonly string[]): Promise<void> {
    if (tenants.length === 0) return
    const late = () => new QueueUnavailableError(new Error('the models could not be told in time'))
    await ifAway(within(this.#shares.shareOut(tenants), TELL_MS, late), () => undefined)
  }
}

/** What concerns the hand-out. */
const POLICY = ['weight', 'running_jobs'] as const satisfies TenantSetting[]
/** How long a change waits for the models to be told. Milliseconds. */
const TELL_MS = 1000
const TENANTS = `${ACCESS_SHARD}tenants`
const keyOf = (id: string): string => `${ACCESS_SHARD}tenant:${id}`

const toTenant = (id: string, fields: Record<string, string>): KeptTenant => ({
  id,
  settings: toSettings(fields),
  changedMs: fields['changed_at'] === undefined ? null : Number(fields['changed_at']),
})

function toSettings(fields: Record<string, string>): TenantSettings {
  const settings: { [Name in TenantSetting]?: number } = {}
  for (const name of TENANT_SETTING_NAMES) {
    const text = fields[name]
    if (text !== undefined) settings[name] = Number(text)
  }
  return settings
}
