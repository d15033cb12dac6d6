import {
  WEBHOOK_EVENTS,
  type WebhookFacts,
  webhookIdOf,
  webhookIdSchema,
  webhookMessageSchema,
} from '@millrace/contracts'
import { expect, it } from 'vitest'
import { fitsWebhook, renderTestWebhookBody, renderWebhookBody } from './render-webhook-body.ts'

const record = {
  id: `job_${'0'.repeat(34)}`,
  kind: 'prediction',
  model: 'ocr',
  metadata: { order: '42' },
  created_at: '2026-01-01T00:00:00.000Z',
} as const

const facts: WebhookFacts = {
  event: 'job.succeeded',
  at: '2026-01-01T00:00:05.000Z',
  attempt: 1,
  version: '1.2.0',
  started_at: '2026-01-01T00:00:01.000Z',
  finished_at: '2026-01-01T00:00:05.000Z',
  run_seconds: 3.5,
  error: null,
  progress: null,
}

const read = (changed: Partial<WebhookFacts>) =>
  JSON.parse(renderWebhookBody({ ...facts, ...changed }, record, 'https://ml.example.com/'))

it('tells of the job as it was at the event, with the time of the event and links that do not expire', () => {
  expect(read({})).toEqual({
    type: 'job.succeeded',
    timestamp: facts.at,
    data: {
      id: record.id,
      object: 'job',
      kind: 'prediction',
      model: 'ocr',
      version: '1.2.0',
      status: 'succeeded',
      error: null,
      attempt: 1,
      metadata: { order: '42' },
      metrics: { run_seconds: 3.5 },
      created_at: record.created_at,
      started_at: facts.started_at,
      finished_at: facts.finished_at,
      urls: {
        self: `https://ml.example.com/v1/jobs/${record.id}`,
        output: `https://ml.example.com/v1/jobs/${record.id}/output`,
      },
    },
  })
})

it('gives every event the shape that the contract promises', () => {
  for (const event of WEBHOOK_EVENTS) {
    const message = webhookMessageSchema.parse(
      read({ event, chunk: { text: 'a' }, progress: { fraction: 0.5, message: null } }),
    )
    expect(message.type).toBe(event)
  }
  const test = JSON.parse(renderTestWebhookBody({ at: facts.at, endpointId: null }))
  expect(webhookMessageSchema.parse(test)).toEqual(test)
})

it('gives the same bytes when the record has moved on since', () => {
  const later = { ...record, status: 'queued', version: '2.0.0', error: null, finished_at: null, revision: 99 }
  const failed: WebhookFacts = {
    ...facts,
    event: 'job.failed',
    error: { code: 'model_error', message: 'no', retryable: true, attempt: 1 },
  }
  const first = renderWebhookBody(failed, record, 'https://ml.example.com')
  expect(renderWebhookBody(structuredClone(failed), later, 'https://ml.example.com')).toBe(first)
})

it('leaves out of an error what may hold content', () => {
  const error = {
    code: 'model_error',
    message: 'no',
    retryable: true,
    attempt: 1,
    details: { traceback: 'secret' },
  } as const
  expect(read({ event: 'job.failed', error }).data.error).toEqual({
    code: 'model_error',
    message: 'no',
    retryable: true,
    attempt: 1,
  })
})

it('sends a small chunk and says so when one is too large', () => {
  const chunkOf = (chunk: unknown) => {
    const { data } = read({ event: 'job.output', chunk })
    return [data.chunk, data.chunk_omitted]
  }
  expect([chunkOf('a'), chunkOf(null), chunkOf(undefined)]).toEqual([
    ['a', false],
    [null, false],
    [null, true],
  ])
  expect([fitsWebhook('ä'.repeat(2047)), fitsWebhook('ä'.repeat(2048)), fitsWebhook(undefined)]).toEqual([
    true,
    false,
    true,
  ])
  expect(chunkOf('ä'.repeat(2048))).toEqual([null, true])
})

it('stays below 20 KB with everything as large as it may be', () => {
  const metadata = Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`${n}`.padEnd(64, 'k'), 'v'.repeat(512)]))
  const full: WebhookFacts = {
    ...facts,
    event: 'job.output',
    chunk: 'x'.repeat(4094),
    error: { code: 'model_error', message: 'm'.repeat(1024), retryable: true, attempt: 1 },
  }
  const body = renderWebhookBody(full, { ...record, metadata }, `https://${'h'.repeat(240)}`)
  expect(body.length).toBeGreaterThan(10_000)
  expect(Buffer.byteLength(body)).toBeLessThan(20_000)
})

it('names each event of a job once, without dots', () => {
  const ids = WEBHOOK_EVENTS.flatMap((event) => [webhookIdOf(record.id, event, 7), webhookIdOf(record.id, event, 8)])
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(webhookIdSchema.parse(id)).toBe(id)
})
