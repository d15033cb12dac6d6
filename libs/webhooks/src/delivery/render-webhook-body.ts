/**
 * Makes the body of a webhook from the facts of the event and from what never changes in the record. So every try sends
 * the same bytes, even if the job has moved on. Called by the dispatcher before each try, and by the API, which shows it.
 */
import {
  type JobRecord,
  STATUS_AT,
  WEBHOOK_LIMITS,
  WEBHOOK_TEST_EVENT,
  type WebhookFacts,
  type WebhookJob,
  type WebhookMessage,
} from '@millrace/contracts'

/** The fields of the record that a webhook tells. None of them changes after the submit. */
export type WebhookRecord = Pick<JobRecord, 'id' | 'kind' | 'model' | 'metadata' | 'created_at'>

/** What is kept of a delivery. `facts` is null for a test, `record` also when the job was purged. */
export interface DeliveryToTell {
  /** What is sent, of what is about no job. */
  body?: string | undefined
  facts: WebhookFacts | null
  record: WebhookRecord | null
  publicUrl: string
  createdAt: string
  endpointId: string | null
}

/** The body that each try of a delivery sends. Undefined when the job was purged: there is nothing to tell of it any more. */
export function renderDeliveryBody(delivery: DeliveryToTell): string | undefined {
  const { facts, record, publicUrl, createdAt, endpointId, body } = delivery
  if (body !== undefined) return body
  if (facts === null) return renderTestWebhookBody({ at: createdAt, endpointId })
  return record === null ? undefined : renderWebhookBody(facts, record, publicUrl)
}

/** JSON text. `publicUrl` is the API's address as clients see it, such as `https://ml.example.com`. */
export function renderWebhookBody(facts: WebhookFacts, record: WebhookRecord, publicUrl: string): string {
  return JSON.stringify(messageOf(facts, jobOf(facts, record, publicUrl.replace(/\/+$/, ''))))
}

/** The body of a `webhook.test`, which is sent to try an endpoint. `at` is ISO 8601. */
export function renderTestWebhookBody(test: { at: string; endpointId: string | null }): string {
  const message: WebhookMessage = {
    type: WEBHOOK_TEST_EVENT,
    timestamp: test.at,
    data: { object: 'webhook_test', endpoint_id: test.endpointId, message: 'It works.' },
  }
  return JSON.stringify(message)
}

/** True when a chunk of a streamed output is small enough for a webhook. A larger chunk is left out of the facts. */
export const fitsWebhook = (chunk: unknown): boolean =>
  Buffer.byteLength(JSON.stringify(chunk) ?? '') <= WEBHOOK_LIMITS.chunkBytes

function messageOf(facts: WebhookFacts, job: WebhookJob): WebhookMessage {
  const timestamp = facts.at
  if (facts.event === 'job.progress') {
    const progress = facts.progress ?? { fraction: 0, message: null }
    return { type: facts.event, timestamp, data: { ...job, progress } }
  }
  if (facts.event === 'job.output') {
    const told = facts.chunk !== undefined && fitsWebhook(facts.chunk)
    return { type: facts.event, timestamp, data: { ...job, chunk: told ? facts.chunk : null, chunk_omitted: !told } }
  }
  return { type: facts.event, timestamp, data: job }
}

function jobOf(facts: WebhookFacts, record: WebhookRecord, publicUrl: string): WebhookJob {
  const { error } = facts
  return {
    id: record.id,
    object: 'job',
    kind: record.kind,
    model: record.model,
    version: facts.version,
    status: STATUS_AT[facts.event],
    // The fields are named one by one, because `details` may hold a traceback and content.
    error: error && { code: error.code, message: error.message, retryable: error.retryable, attempt: error.attempt },
    attempt: facts.attempt,
    metadata: record.metadata,
    metrics: { run_seconds: facts.run_seconds },
    created_at: record.created_at,
    started_at: facts.started_at,
    finished_at: facts.finished_at,
    urls: { self: `${publicUrl}/v1/jobs/${record.id}`, output: `${publicUrl}/v1/jobs/${record.id}/output` },
  }
}
