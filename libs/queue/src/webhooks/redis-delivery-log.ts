/** Deliveries as their owner sees them, merged over the shards; see DeliveryLog. Made by openWebhookStore. */
import { randomBytes } from 'node:crypto'
import { base32, DELIVERY_STATUSES, WEBHOOK_TEST_EVENT, type WebhookDelivery } from '@millrace/contracts'
import type { Ask, RedisClient } from '../redis/redis-client.ts'
import { prefixOfJob } from '../redis/keys.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { decodeCursor, encodeCursor, type Entry, newestEntries, toEntries } from '../redis/newest-entries.ts'
import { answersOf } from '../redis/replies-of.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import type { DeliveryLog, DeliveryQuery, OwnMessage, StoredEndpoint, ToldDelivery } from '../ports/webhook-store.ts'
import { TOLD_FIELDS, toDelivery, toLeased } from './delivery-fields.ts'
import type { RedisWebhookOutbox } from './redis-webhook-outbox.ts'
import { shardOfDelivery } from '../redis/webhook-keys.ts'

/** Deliveries that are looked at for one page, whatever the filter leaves of them. */
const LOOKED_AT = 500
const MOST_REDELIVERED = 1000
const DELIVERY_ID = /^whd_[0-9a-z]{34}$/

export class RedisDeliveryLog implements DeliveryLog {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #outbox: RedisWebhookOutbox

  constructor(redis: RedisClient, run: RunScript, outbox: RedisWebhookOutbox) {
    this.#redis = redis
    this.#run = run
    this.#outbox = outbox
  }

  async get(id: string, tenant: string): Promise<WebhookDelivery | undefined> {
    return toDelivery(
      id,
      await orUnavailable(() => this.#redis.hgetall(`${shardOfDelivery(id)}delivery:${id}`)),
      tenant,
    )
  }

  async told(id: string, tenant: string): Promise<ToldDelivery | undefined> {
    const shard = shardOfDelivery(id)
    const delivery = await orUnavailable(() => this.#redis.hgetall(`${shard}delivery:${id}`))
    if (toDelivery(id, delivery, tenant) === undefined) return undefined
    const key = delivery.job && `${shard}job:${delivery.job}`
    const job = key ? await orUnavailable(() => this.#redis.hmget(key, ...TOLD_FIELDS)) : []
    return toLeased({ shard, lane: '' }, '', { id, delivery, job })
  }

  async list(query: DeliveryQuery): Promise<{ deliveries: WebhookDelivery[]; nextCursor: string | null }> {
    const { tenant, endpoint, status, limit } = query
    const cursor = query.cursor === undefined ? undefined : decodeCursor(query.cursor, DELIVERY_ID)
    const keys = await this.#indexes(query)
    const entries = await orUnavailable(() => newestEntries(this.#redis, keys, { cursor, count: LOOKED_AT + 1 }))
    const looked = entries.slice(0, LOOKED_AT)
    const deliveries: WebhookDelivery[] = []
    let seen = 0
    for (const one of await this.#read(looked, tenant)) {
      if (deliveries.length === limit) break
      seen++
      if (one && (!endpoint || one.endpoint_id === endpoint) && (!status || one.status === status)) deliveries.push(one)
    }
    const last = looked[seen - 1]
    return { deliveries, nextCursor: last && seen < entries.length ? encodeCursor(last) : null }
  }

  redeliver(id: string, tenant: string): Promise<'pending' | 'purged' | 'missing'> {
    return this.#run('webhooks/redeliver', { id, tenant })
  }

  async redeliverUndelivered(
    tenant: string,
    endpoint: string,
    sinceMs: number,
  ): Promise<{ count: number; more: boolean }> {
    const keys = [
      ...(await this.#indexes({ tenant, status: 'failed' })),
      ...(await this.#indexes({ tenant, status: 'skipped' })),
    ]
    const asks = keys.map(
      (key): Ask =>
        (to) =>
          to.zrangebyscore(key, sinceMs * 1000, '+inf', 'WITHSCORES'),
    )
    const entries = (await answersOf(this.#redis, asks)).flatMap((flat) => toEntries(flat as string[]))
    let count = 0
    // On past other endpoints' and past those whose jobs are gone: these stay where they are, and would hide what comes behind.
    for (let at = 0; at < entries.length; at += LOOKED_AT) {
      const page = await this.#read(entries.slice(at, at + LOOKED_AT), tenant)
      const theirs = page.flatMap((one) => (one?.endpoint_id === endpoint ? one.id : []))
      const answers = await Promise.all(
        theirs.slice(0, MOST_REDELIVERED - count).map((id) => this.redeliver(id, tenant)),
      )
      count += answers.filter((answer) => answer === 'pending').length
      if (answers.length < theirs.length || count === MOST_REDELIVERED) return { count, more: true }
    }
    return { count, more: false }
  }

  async test(tenant: string, endpoint: StoredEndpoint): Promise<string> {
    return this.#outbox.makeTest(tenant, endpoint, WEBHOOK_TEST_EVENT, `evt_test_${base32(randomBytes(26))}`)
  }

  send(tenant: string, message: OwnMessage): Promise<void> {
    return this.#outbox.makeOwn(tenant, message)
  }

  /** The indexes that hold what is asked for. */
  async #indexes({ tenant, job, status }: Pick<DeliveryQuery, 'tenant' | 'job' | 'status'>): Promise<string[]> {
    if (job !== undefined) return [`${prefixOfJob(job)}told:${job}`]
    const statuses = status ? [status] : DELIVERY_STATUSES
    const shards = await this.#outbox.shards()
    return shards.flatMap((shard) => statuses.map((one) => `${shard}deliveries:${tenant}:${one}`))
  }

  async #read(entries: readonly Entry[], tenant: string): Promise<(WebhookDelivery | undefined)[]> {
    const asks = entries.map(
      ({ id }): Ask =>
        (to) =>
          to.hgetall(`${shardOfDelivery(id)}delivery:${id}`),
    )
    const hashes = (await answersOf(this.#redis, asks)) as Record<string, string>[]
    return hashes.map((hash, i) => toDelivery(entries[i]?.id ?? '', hash, tenant))
  }
}
