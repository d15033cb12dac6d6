/**
 * The webhook settings of each tenant: one text, replaced whole. The script that ends a job cannot look at it, since it lies in
 * another shard, so each model's shard is told which events are wanted (`mark`) before a change is answered. Made by
 * openWebhookStore.
 */
import { randomInt } from 'node:crypto'
import { pause } from '@millrace/async'
import { type RedisClient, redisNow } from '../redis/redis-client.ts'
import { MODELS_KEY } from '../redis/keys.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import type { TenantWebhooks, WebhookSettings } from '../ports/webhook-store.ts'
import { HOOKS_KEY, UNMARKED_KEY } from '../redis/webhook-keys.ts'

const NONE: TenantWebhooks = { version: 0, secret: null, endpoints: [] }
/** Changes of one tenant that meet each other; more than that is no accident. */
const TRIES = 20

export class RedisWebhookSettings implements WebhookSettings {
  readonly #redis: RedisClient
  readonly #run: RunScript

  constructor(redis: RedisClient, run: RunScript) {
    this.#redis = redis
    this.#run = run
  }

  async get(tenant: string): Promise<TenantWebhooks> {
    return parse(await orUnavailable(() => this.#redis.hget(HOOKS_KEY, tenant)))
  }

  async change(tenant: string, update: Parameters<WebhookSettings['change']>[1]): Promise<TenantWebhooks> {
    for (let tries = 0; tries < TRIES; tries++) {
      const text = await orUnavailable(() => this.#redis.hget(HOOKS_KEY, tenant))
      const before = parse(text)
      const changed = update(before, await orUnavailable(() => redisNow(this.#redis, HOOKS_KEY)))
      if (changed === undefined) return before
      const after = { ...changed, version: before.version + 1 }
      const kept = { tenant, read: text ?? undefined, text: JSON.stringify(after), version: after.version }
      if (await this.#run('webhooks/keep', kept)) {
        await this.#mark(tenant, after)
        return after
      }
      await pause(randomInt(1, 20))
    }
    throw new Error('the webhook settings of a tenant change too often')
  }

  /** Tells a model's shard of all tenants. Called before the model can be seen, so that no job of it goes untold. */
  async seed(model: string): Promise<void> {
    const all = await orUnavailable(() => this.#redis.hgetall(HOOKS_KEY))
    await Promise.all(Object.entries(all).map(([tenant, text]) => this.#markOne(model, tenant, parse(text))))
  }

  /** Completes what broke off between the change and the telling. */
  async complete(): Promise<void> {
    const tenants = await orUnavailable(() => this.#redis.zrange(UNMARKED_KEY, '0', '99'))
    for (const tenant of tenants) await this.#mark(tenant, await this.get(tenant))
  }

  async #mark(tenant: string, settings: TenantWebhooks): Promise<void> {
    const models = await orUnavailable(() => this.#redis.smembers(MODELS_KEY))
    await Promise.all(models.map((model) => this.#markOne(model, tenant, settings)))
    await this.#run('webhooks/unmark', { tenant, version: settings.version })
  }

  async #markOne(model: string, tenant: string, { version, endpoints }: TenantWebhooks): Promise<void> {
    // Disabled ones too: what they miss is shown in the log.
    const events = [...new Set(endpoints.flatMap((endpoint) => endpoint.events))]
    const wanted = events.length > 0 ? ` ${events.join(' ')} ` : ''
    await this.#run('webhooks/mark', { model, tenant, version, wanted })
  }
}

const parse = (text: string | null | undefined): TenantWebhooks => (text ? (JSON.parse(text) as TenantWebhooks) : NONE)
