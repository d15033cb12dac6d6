/** A delivery and an owed event as Redis keeps them, and as the house reads them. */
import {
  DELIVERY_STATUSES,
  type DeliveryTry,
  type JobError,
  type JobId,
  type JobWebhook,
  type WebhookDelivery,
  webhookEventSchema,
  type WebhookFacts,
  type WebhookFormat,
  webhookIdOf,
} from '@millrace/contracts'
import type { ScriptReply } from '../scripts/define-scripts.ts'
import { FORMER_FIELDS, toRecord } from '../record/record-fields.ts'
import type { Fields } from '../scripts/contract/wire/argument-kinds.ts'
import type { DeliveryTarget, LeasedDelivery, OwedEvent } from '../ports/webhook-store.ts'
import { AFTER_END, hostOf } from '../redis/webhook-keys.ts'

const iso = (ms: string | undefined): string | null => (ms ? new Date(Number(ms)).toISOString() : null)
const tries = (text: string | undefined): DeliveryTry[] => (text ? (JSON.parse(text) as DeliveryTry[]) : [])

/** What `owe` in jobs/prelude.lua writes. */
interface Entry {
  job: JobId
  tenant: string
  status: string
  n: string
  at: string
  attempt: string
  version: string
  started_at: string
  run_ms: string
  error?: string
  webhook?: string
  after_end?: boolean
}

export function toOwed(shard: string, entry: string): OwedEvent {
  const kept = JSON.parse(entry) as Entry
  const event = webhookEventSchema.parse(`job.${kept.status}`)
  const at = iso(kept.at) ?? ''
  const facts: WebhookFacts = {
    event,
    at,
    attempt: Number(kept.attempt),
    version: kept.version,
    started_at: iso(kept.started_at),
    finished_at: at,
    run_seconds: kept.run_ms === '' ? null : Number(kept.run_ms) / 1000,
    error: kept.error ? withoutDetails(JSON.parse(kept.error) as JobError) : null,
    progress: null,
  }
  const own = kept.webhook ? (JSON.parse(kept.webhook) as JobWebhook) : null
  const webhookId = webhookIdOf(kept.job, event, Number(kept.n))
  return {
    shard,
    entry,
    jobId: kept.job,
    tenant: kept.tenant,
    webhookId,
    facts,
    own,
    afterEnd: kept.after_end === true,
  }
}

function withoutDetails({ code, message, retryable, attempt }: JobError): WebhookFacts['error'] {
  return { code, message, retryable, attempt }
}

export interface Message {
  webhookId: string
  event: string
  facts: WebhookFacts | null
  /** Of what is about no job. */
  body?: string
  publicUrl: string
}

/** The fields that only the maker of a delivery knows; the script adds the rest. */
export function fieldsOfDelivery(message: Message, { endpointId, url, format }: DeliveryTarget): Fields {
  const { webhookId, event, facts, publicUrl, body } = message
  return {
    ...{ webhook_id: webhookId, event, host: hostOf(url), base: publicUrl },
    facts: facts ? JSON.stringify(facts) : undefined,
    body,
    // The address of an endpoint is its endpoint's, as it is at each try.
    ...(endpointId === null ? { url, format } : { endpoint: endpointId }),
  }
}

/** From the reply of webhooks/lease.lua. */
export function toLeased(
  lane: { shard: string; lane: string },
  lease: string,
  { id, delivery: hash, job }: ScriptReply<'webhooks/lease'>['leased'][number],
): LeasedDelivery {
  const jobId = hash.job || null
  return {
    ...lane,
    id,
    lease,
    tenant: hash.tenant ?? '',
    jobId,
    webhookId: hash.webhook_id ?? '',
    event: hash.event as LeasedDelivery['event'],
    endpointId: hash.endpoint ?? null,
    afterEnd: hash.endpoint === AFTER_END,
    url: hash.url ?? null,
    format: hash.format as WebhookFormat | undefined,
    host: hash.host ?? '',
    publicUrl: hash.base ?? '',
    createdAt: iso(hash.created_at) ?? '',
    since: iso(hash.since) ?? iso(hash.created_at) ?? '',
    facts: hash.facts ? (JSON.parse(hash.facts) as WebhookFacts) : null,
    body: hash.body,
    record: jobId === null ? null : toldOf(jobId, job),
    tries: tries(hash.tries),
    made: Number(hash.made ?? 0),
    total: Number(hash.total ?? 0),
  }
}

/** What is told of the job itself. */
const TOLD = ['status', 'tenant', 'created_us', 'given'] as const
/** Fields of a job that go with its deliveries. */
export const TOLD_FIELDS = [...TOLD, ...FORMER_FIELDS]

function toldOf(jobId: JobId, values: (string | null)[]): LeasedDelivery['record'] {
  const hash = Object.fromEntries(TOLD_FIELDS.map((field, i) => [field, values[i] ?? undefined]))
  if (!hash.status || hash.status === 'purged') return null
  const { id, tenant, kind, model, metadata, created_at } = toRecord(jobId, hash)
  return { id, tenant, kind, model, metadata, created_at }
}

/** Undefined when there is none of this tenant. */
export function toDelivery(id: string, hash: Record<string, string>, tenant: string): WebhookDelivery | undefined {
  const status = DELIVERY_STATUSES.find((one) => one === hash.status)
  if (status === undefined || hash.tenant !== tenant) return undefined
  return {
    id,
    object: 'webhook_delivery',
    webhook_id: hash.webhook_id ?? '',
    job_id: hash.job || null,
    event: hash.event as WebhookDelivery['event'],
    endpoint_id: hash.endpoint ?? null,
    host: hash.host ?? '',
    status,
    tries: tries(hash.tries),
    tries_made: Number(hash.total ?? 0),
    next_try_at: iso(hash.next_at),
    created_at: iso(hash.created_at) ?? '',
  }
}
