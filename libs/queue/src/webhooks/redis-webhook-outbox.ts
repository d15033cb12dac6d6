/** What is owed, and who may try it now. Each step is one script; see WebhookOutbox. Made by openWebhookStore. */
import { pause } from '@millrace/async'
import { WEBHOOK_LIMITS } from '@millrace/contracts'
import { type Ask, askAll, type Asked, askTime, clusterOf, type RedisClient, toMs } from '../redis/redis-client.ts'
import { prefixOfModel } from '../redis/keys.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { type ModelNames, soon } from '../redis/model-names.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import type {
  DeliveryTarget,
  LeasedDelivery,
  LeaseEnd,
  OwedEvent,
  OwnMessage,
  StoredEndpoint,
  WebhookOutbox,
} from '../ports/webhook-store.ts'
import { SCRIPT_CONSTANTS } from '../scripts/contract/script-constants.ts'
import { endpointTargets } from './endpoint-targets.ts'
import { fieldsOfDelivery, type Message, toLeased, TOLD_FIELDS, toOwed } from './delivery-fields.ts'
import type { RedisWebhookSettings } from './redis-webhook-settings.ts'
import { AFTER_END, deliveryIdOf, HOOK_OWNER, laneOf, WEBHOOKS_SHARD } from '../redis/webhook-keys.ts'

/** Of a tenant and model that ended the same way; older ones leave the log before their week is over. */
export const ENDED_KEPT = 5000
/** More pages of deliveries to be forgotten wait for the next time. */
const FORGOTTEN_PAGES = 200
const { FORGOTTEN_PER_PAGE, FORGETTING_APART_MS } = SCRIPT_CONSTANTS

interface Deliveries {
  shard: string
  /** Not there for a test. */
  entry?: string
  jobId?: string
  tenant: string
  message: Message
}

export interface WebhookOutboxDeps {
  redis: RedisClient
  run: RunScript
  settings: RedisWebhookSettings
  names: ModelNames
  /** See ENDED_KEPT. */
  endedKept: number | undefined
}

export class RedisWebhookOutbox implements WebhookOutbox {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #settings: RedisWebhookSettings
  readonly #names: ModelNames
  readonly #endedKept: number

  constructor({ redis, run, settings, names, endedKept }: WebhookOutboxDeps) {
    this.#redis = redis
    this.#run = run
    this.#settings = settings
    this.#names = names
    this.#endedKept = endedKept ?? ENDED_KEPT
  }

  async shards(): Promise<string[]> {
    return [WEBHOOKS_SHARD, ...(await this.#names.all()).map(prefixOfModel)]
  }

  async owed(shards: readonly string[], count: number): Promise<OwedEvent[]> {
    const entries = await this.#each(shards, (to, shard) => to.zrange(`${shard}outbox`, '0', String(count - 1)))
    return entries.flatMap(([shard, list]) => (list as string[]).map((entry) => toOwed(shard, entry)))
  }

  async fanOut(event: OwedEvent, targets: readonly DeliveryTarget[], publicUrl: string): Promise<void> {
    const { shard, entry, jobId, tenant, webhookId, facts } = event
    const message = { webhookId, event: facts.event, facts, publicUrl }
    const all = event.afterEnd ? [...targets, { endpointId: AFTER_END, url: '', skipped: false }] : targets
    await this.#make({ shard, entry, jobId, tenant, message }, all)
  }

  /** Makes a delivery that no job asked for, and gives its id. */
  async makeTest(tenant: string, { id, url }: StoredEndpoint, event: string, webhookId: string): Promise<string> {
    const message = { webhookId, event, facts: null, publicUrl: '' }
    const target = { endpointId: id, url, skipped: false }
    await this.#make({ shard: WEBHOOKS_SHARD, tenant, message }, [target])
    return deliveryIdOf(WEBHOOKS_SHARD, webhookId, id)
  }

  /** The same with a body that is there, to its own address and to endpoints. All are made in one step. */
  async makeOwn(tenant: string, { webhookId, event, url, body }: OwnMessage): Promise<void> {
    const message = { webhookId, event, facts: null, publicUrl: '', body }
    const own = url === null ? [] : [{ endpointId: null, url, skipped: false }]
    const targets = [...own, ...endpointTargets(await this.#settings.get(tenant), event)]
    if (targets.length > 0) await this.#make({ shard: WEBHOOKS_SHARD, tenant, message }, targets)
  }

  async #make({ shard, entry, jobId, tenant, message }: Deliveries, targets: readonly DeliveryTarget[]): Promise<void> {
    const deliveries = targets.map((target) => ({
      id: deliveryIdOf(shard, message.webhookId, target.endpointId ?? 'job'),
      owner: target.endpointId === AFTER_END ? HOOK_OWNER : undefined,
      lane: laneOf(tenant, target),
      status: target.skipped ? ('skipped' as const) : ('pending' as const),
      fields: fieldsOfDelivery(message, target),
    }))
    const ended_kept = this.#endedKept
    await this.#run('webhooks/fan_out', { shard, entry, job: jobId, tenant, ended_kept, deliveries })
  }

  async lanes(shards: readonly string[], count: number, sinceMs = 0): ReturnType<WebhookOutbox['lanes']> {
    const nowOf = await this.#clocks(shards)
    const due = await this.#each(shards, (to, shard) =>
      to.zrangebyscore(`${shard}lanes`, '-inf', nowOf(shard) - sinceMs, 'LIMIT', 0, count),
    )
    return due.flatMap(([shard, lanes]) =>
      (lanes as string[]).map((lane) => ({ shard, lane, afterEnd: lane === AFTER_END })),
    )
  }

  async lease(lane: { shard: string; lane: string }, count: number, leaseMs: number) {
    const { nowMs, lease, leased } = await this.#run('webhooks/lease', {
      ...lane,
      count,
      lease: leaseMs,
      told: TOLD_FIELDS,
    })
    return { nowMs, deliveries: leased.map((one) => toLeased(lane, lease, one)) }
  }

  async end(delivery: LeasedDelivery, end: LeaseEnd): Promise<boolean> {
    const made = 'try' in end && end.try ? [end.try] : []
    const tries = [...delivery.tries, ...made].slice(-WEBHOOK_LIMITS.triesKept)
    const delayMs = 'delayMs' in end ? Math.round(end.delayMs) : 0
    const host = 'host' in end && end.host ? end.host : delivery.host
    const { shard, id } = delivery
    return this.#run('webhooks/end_try', {
      ...{
        shard,
        id,
        lease: Number(delivery.lease),
        outcome: end.outcome,
        delay: delayMs,
        ended_kept: this.#endedKept,
      },
      ...{ tries, made: delivery.made + made.length, total: delivery.total + made.length, host },
    })
  }

  async tidy(shards: readonly string[]): Promise<void> {
    const parts = [this.#settings.complete(), ...shards.map((shard) => this.#forgetOld(shard))]
    const failed = (await Promise.allSettled(parts)).find((part) => part.status === 'rejected')
    if (failed) throw failed.reason
  }

  async #forgetOld(shard: string): Promise<void> {
    for (let page = 0; page < FORGOTTEN_PAGES; page++) {
      const count = await this.#run('webhooks/forget', { shard })
      if (count < FORGOTTEN_PER_PAGE) return
      await pause(FORGETTING_APART_MS)
    }
  }

  async state(): Promise<{ pending: number; oldestSeconds: number }> {
    const shards = await this.shards()
    const nowOf = await this.#clocks(shards)
    const events = await this.#each(shards, (to, shard) => to.zcard(`${shard}outbox`))
    const counts = await this.#each(shards, (to, shard) => to.zcard(`${shard}undelivered`))
    const firsts = await this.#each(shards, (to, shard) => to.zrange(`${shard}undelivered`, '0', '0', 'WITHSCORES'))
    const ages = firsts.flatMap(([shard, first]) => {
      const since = (first as string[])[1]
      return since === undefined ? [] : (nowOf(shard) - Number(since)) / 1000
    })
    return {
      pending: [...events, ...counts].reduce((sum, [, count]) => sum + Number(count), 0),
      oldestSeconds: Math.max(0, ...ages),
    }
  }

  /** The time of each shard: one server has one. */
  async #clocks(shards: readonly string[]): Promise<(shard: string) => number> {
    const isCluster = clusterOf(this.#redis) !== undefined
    const asked = isCluster ? shards : shards.slice(0, 1)
    const times = await this.#each(asked, (to, shard) => askTime(this.#redis, shard)(to))
    const known = new Map(times.map(([shard, time]) => [shard, toMs(time as [string, string])]))
    const [only = 0] = known.values()
    return (shard) => known.get(shard) ?? (isCluster ? 0 : only)
  }

  /** One question to each shard, in one go. One that is away is left out; rejects when none answers. */
  async #each(
    shards: readonly string[],
    ask: (to: Asked, shard: string) => unknown,
  ): Promise<[shard: string, reply: unknown][]> {
    const isCluster = clusterOf(this.#redis) !== undefined
    const asks = shards.map(
      (shard): Ask =>
        (to) =>
          isCluster ? soon(ask(to, shard) as Promise<unknown>) : ask(to, shard),
    )
    const replies = await orUnavailable(() => askAll(this.#redis, asks))
    const there = replies.flatMap(([error, reply], i): [string, unknown][] =>
      error === null ? [[shards[i] ?? '', reply]] : [],
    )
    const failed = replies.find(([error]) => error !== null)?.[0]
    if (failed && (!isCluster || there.length === 0)) return orUnavailable(() => Promise.reject(failed))
    return there
  }
}
