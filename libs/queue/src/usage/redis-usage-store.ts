/** What tenants have used, in Redis: the scripts that move jobs write it; see libs/queue/src/scripts/usage. Made by openQueue. */
import { apiKeyIdSchema } from '@millrace/contracts'
import {
  type DayRange,
  USAGE_COLUMNS,
  type UsageBucket,
  type UsageCounts,
  type UsageStore,
} from '../ports/usage/usage-store.ts'
import { MODELS_KEY, prefixOfModel, prefixOfTenant } from '../redis/keys.ts'
import type { ModelNames } from '../redis/model-names.ts'
import { type Ask, redisNow, type RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import { USAGE } from '../scripts/contract/constants/usage.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

const DAY_MS = 86_400_000

export class RedisUsageStore implements UsageStore {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #names: ModelNames

  constructor(redis: RedisClient, run: RunScript, names: ModelNames) {
    this.#redis = redis
    this.#run = run
    this.#names = names
  }

  today(): Promise<number> {
    return orUnavailable(async () => Math.floor((await redisNow(this.#redis, MODELS_KEY)) / DAY_MS))
  }

  models(): Promise<string[]> {
    return this.#names.all()
  }

  tenants(model: string, { from, to }: DayRange): Promise<string[]> {
    return this.#run('usage/tenants', { model, from, to })
  }

  async storedBytes(tenant: string): Promise<number> {
    const models = await this.models()
    const asks: Ask[] = [
      (to) => to.hget(`${prefixOfTenant(tenant)}${tenant}:sums`, 'bytes'),
      ...models.map(
        (model): Ask =>
          (to) =>
            to.hget(`${prefixOfModel(model)}stored`, tenant),
      ),
    ]
    const parts = (await answersOf(this.#redis, asks)) as (string | null)[]
    return parts.reduce((sum, part) => sum + Number(part ?? 0), 0)
  }

  async deviceToday(tenant: string): Promise<{ usedMs: number; endsMs: number }> {
    const [models, today] = await Promise.all([this.models(), this.today()])
    const seen = await Promise.all(models.map((model) => this.#run('shares/spent', { model, tenants: [tenant] })))
    const usedMs = seen.reduce((sum, { spent }) => sum + (spent[0] ?? 0), 0)
    return { usedMs, endsMs: (Math.max(today, ...seen.map(({ day }) => day)) + 1) * DAY_MS }
  }

  async read(...[model, tenant, { from, to }]: Parameters<UsageStore['read']>): ReturnType<UsageStore['read']> {
    const { next, found } = await this.#run('usage/read', { model, tenant, from, to })
    return { buckets: found.map(toBucket), next: next === 0 ? undefined : next }
  }
}

function toBucket({ day, key, numbers }: { day: number; key: string; numbers: string }): UsageBucket {
  const kept = numbers.split(' ').map(Number)
  const counts = Object.fromEntries(USAGE_COLUMNS.map((name, i) => [name, kept[i] ?? 0])) as UsageCounts
  return { day, key: key === USAGE.NO_KEY ? null : apiKeyIdSchema.parse(key), counts }
}
