/** What is kept of webhooks: the settings of a tenant, what is owed, and how it went. libs/webhooks sends them. */
import type {
  DELIVERY_STATUSES,
  DeliveryTry,
  JobId,
  JobRecord,
  JobWebhook,
  BATCH_EVENT,
  WEBHOOK_TEST_EVENT,
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEvent,
  WebhookFacts,
  WebhookFormat,
} from '@millrace/contracts'

/** A secret, and those before it that still sign along. */
export interface TurningSecret {
  current: string
  /** Newest first. */
  previous: readonly { secret: string; until: string }[]
}

/** Times are ISO 8601 by Redis' clock. */
export interface StoredEndpoint extends Omit<WebhookEndpoint, 'object'> {
  secret: TurningSecret
  /** Since when no try of it has succeeded; null when the last one did. */
  failing_since: string | null
}

/** The webhook settings of one tenant. */
export interface TenantWebhooks {
  /** Grows with every change. */
  version: number
  /** Signs what goes to the jobs' own addresses; null until it is asked for. */
  secret: TurningSecret | null
  endpoints: readonly StoredEndpoint[]
}

export interface WebhookSettings {
  get(tenant: string): Promise<TenantWebhooks>
  /**
   * Changes the settings, again from the newest when somebody else was faster; `update` gives undefined to leave them.
   * When it resolves, every job that ends from then on is told of as they say. `update` may throw; then nothing changed.
   */
  change(
    tenant: string,
    update: (settings: TenantWebhooks, nowMs: number) => Omit<TenantWebhooks, 'version'> | undefined,
  ): Promise<TenantWebhooks>
}

export interface DeliveryQuery {
  tenant: string
  job?: JobId
  endpoint?: string
  status?: (typeof DELIVERY_STATUSES)[number]
  limit: number
  cursor?: string
}

/** What the body of a delivery is made from; see LeasedDelivery. */
export type ToldDelivery = Pick<
  LeasedDelivery,
  'facts' | 'body' | 'record' | 'publicUrl' | 'createdAt' | 'endpointId' | 'jobId' | 'format'
>

/** A message that was made by whoever asked for it: for the address that it names, and for all endpoints that want such events. */
export interface OwnMessage {
  webhookId: string
  event: typeof BATCH_EVENT
  /** Null: for endpoints alone. */
  url: string | null
  body: string
}

/** Deliveries as their owner sees them. */
export interface DeliveryLog {
  get(id: string, tenant: string): Promise<WebhookDelivery | undefined>
  told(id: string, tenant: string): Promise<ToldDelivery | undefined>
  /** Newest first. A page may be short, or empty, and yet have a next one. Throws InvalidCursorError. */
  list(query: DeliveryQuery): Promise<{ deliveries: WebhookDelivery[]; nextCursor: string | null }>
  /** Due at once, with all tries before it. `purged`: its job was purged, so there is nothing to tell. */
  redeliver(id: string, tenant: string): Promise<'pending' | 'purged' | 'missing'>
  /** The same for what an endpoint did not get since then, at most 1000 at a time. */
  redeliverUndelivered(tenant: string, endpoint: string, sinceMs: number): Promise<{ count: number; more: boolean }>
  /** A test of an endpoint; one try is made. Gives its id. */
  test(tenant: string, endpoint: StoredEndpoint): Promise<string>
  /** A message about no job: once for each id and receiver, however often it is asked for. */
  send(tenant: string, message: OwnMessage): Promise<void>
}

/** An event that was not yet made into deliveries. */
export interface OwedEvent {
  shard: string
  /** As it is kept. */
  entry: string
  jobId: JobId
  tenant: string
  webhookId: string
  facts: WebhookFacts
  /** The job's own address, if it wants this event. */
  own: JobWebhook | null
  /** The hook of the operator is to hear of it. */
  afterEnd: boolean
}

/** A receiver of an event. `endpointId` is null for the job's own address. The hook of the operator is added by the outbox. */
export interface DeliveryTarget {
  endpointId: string | null
  url: string
  /** The endpoint is disabled: kept in the log, not sent. */
  skipped: boolean
  /** The shape of the body, where it is that of another platform. */
  format?: WebhookFormat | undefined
}

/** A delivery that this process may try now. */
export interface LeasedDelivery {
  shard: string
  id: string
  lane: string
  /** Proves that it is still ours. */
  lease: string
  tenant: string
  jobId: JobId | null
  webhookId: string
  event: WebhookEvent | typeof BATCH_EVENT | typeof WEBHOOK_TEST_EVENT
  endpointId: string | null
  /** It goes to the hook of the operator; its tenant is nobody. */
  afterEnd: boolean
  /** The shape of the body, where it is that of another platform. */
  format?: WebhookFormat | undefined
  /** The job's own address; null for an endpoint, whose address may have changed meanwhile. */
  url: string | null
  host: string
  /** How addresses in its body begin; the same on every try. */
  publicUrl: string
  createdAt: string
  /** When it was asked for, or asked for again. ISO 8601. */
  since: string
  /** Null for a test, and for what has a body. */
  facts: WebhookFacts | null
  /** What is sent, of what is about no job. */
  body?: string | undefined
  /** Null for a test, and when the job was purged. */
  record: Pick<JobRecord, 'id' | 'tenant' | 'kind' | 'model' | 'metadata' | 'created_at'> | null
  /** The last ones, oldest first. */
  tries: readonly DeliveryTry[]
  /** Since then; and ever. */
  made: number
  total: number
}

/** `again` after a try that failed, `later` without a try, `lane`: the same for all that goes to that receiver. */
export type LeaseEnd =
  | { outcome: 'delivered' | 'failed' | 'skipped'; try?: DeliveryTry; host?: string }
  | { outcome: 'again'; try: DeliveryTry; delayMs: number; host?: string }
  | { outcome: 'later' | 'lane'; delayMs: number }

/** What a dispatcher works on. Any number of them may at once. */
export interface WebhookOutbox {
  /** Where there may be something: one for each model, and one for tests. */
  shards(): Promise<string[]>
  /** Events that are owed, oldest first, at most `count` of each shard. */
  owed(shards: readonly string[], count: number): Promise<OwedEvent[]>
  /** Makes the deliveries of an event, once, whoever else does. `publicUrl`: see LeasedDelivery. */
  fanOut(event: OwedEvent, targets: readonly DeliveryTarget[], publicUrl: string): Promise<void>
  /**
   * Lanes that have something due, and had for `sinceMs` (default 0), the longest waiting first, at most `count` of each shard.
   * `afterEnd`: what goes to the hook of the operator, whatever the tenant.
   */
  lanes(
    shards: readonly string[],
    count: number,
    sinceMs?: number,
  ): Promise<{ shard: string; lane: string; afterEnd: boolean }[]>
  /** Takes at most `count` due deliveries of a lane for `leaseMs`. `nowMs` is Redis' clock. */
  lease(
    lane: { shard: string; lane: string },
    count: number,
    leaseMs: number,
  ): Promise<{ nowMs: number; deliveries: LeasedDelivery[] }>
  /** False when the lease was over and somebody else has it: then nothing changed. */
  end(delivery: LeasedDelivery, end: LeaseEnd): Promise<boolean>
  /** Drops from the log what ended a week ago, and completes changes of settings that broke off. */
  tidy(shards: readonly string[]): Promise<void>
  /** What waits, over all models. */
  state(): Promise<{ pending: number; oldestSeconds: number }>
}

export interface WebhookStore {
  readonly settings: WebhookSettings
  readonly deliveries: DeliveryLog
  readonly outbox: WebhookOutbox
}
