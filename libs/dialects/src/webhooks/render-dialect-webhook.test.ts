import type { JobRecord, WebhookFacts, WebhookFormat } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { aRecord } from '../../../../test/support/a-record.ts'
import { renderDialectWebhook, type WebhookSources } from '../index.ts'

const at = '2026-01-01T00:00:00.000Z'
const facts: WebhookFacts = {
  ...{ event: 'job.succeeded', at, attempt: 1, version: '1.0.0', started_at: at, finished_at: at },
  ...{ run_seconds: 1, error: null, progress: null },
}

async function bodyOf(format: WebhookFormat, change: Partial<JobRecord>): Promise<Record<string, unknown>> {
  const record = aRecord({}, { status: 'succeeded', ...change })
  const sources: WebhookSources = {
    ...{ owner: 'acme', record: async () => record, logs: async () => 'one\ntwo\n' },
    read: async ({ key }) => JSON.stringify(key),
    sign: async (id) => `/v1/files/${id}`,
    signOutput: async (id, expires) => `/v1/jobs/${id}/output?expires=${expires}`,
  }
  const told = await renderDialectWebhook(
    { format, jobId: record.id, facts, publicUrl: 'https://ml.example.com/' },
    sources,
  )
  return JSON.parse((told ?? 'null').replaceAll(record.id, 'ID')) as Record<string, unknown>
}

const stored = (size: number) => ({ output: { stored: { key: 'kept', size, sha256: '' } } })
const url = 'https://ml.example.com/v1/jobs/ID/output?expires=1767312000'

it.each([
  ['replicate', { output: url }],
  ['cog', { output: url }],
  ['runpod', { output: url }],
  ['fal', { payload: { url, content_type: 'application/json', file_name: 'output.json', file_size: 2 ** 21 } }],
] as const)('tells %s where an output is that is too large for a message', async (format, told) => {
  expect(await bodyOf(format, stored(2 ** 21))).toMatchObject(told)
})

it('holds a smaller output, and what was printed where that is told', async () => {
  expect(await bodyOf('cog', stored(100))).toMatchObject({ output: 'kept', logs: 'one\ntwo\n' })
  expect(await bodyOf('fal', stored(100))).toEqual({
    ...{ request_id: 'ID', gateway_request_id: 'ID', status: 'OK', payload: { output: 'kept' } },
  })
})

it('tells fal what was wrong as its result does', async () => {
  const error = { code: 'model_error', message: 'no', retryable: true, attempt: 1 } as const
  const record = aRecord({}, { status: 'failed', error })
  const told = await renderDialectWebhook(
    { format: 'fal', jobId: record.id, facts: { ...facts, event: 'job.failed', error }, publicUrl: '' },
    {
      ...{ owner: '', record: async () => record, read: async () => undefined, logs: async () => '' },
      ...{ sign: async () => '', signOutput: async () => '' },
    },
  )
  expect(JSON.parse(told ?? '')).toMatchObject({
    ...{ status: 'ERROR', error: 'Invalid status code: 422' },
    payload: { detail: [{ loc: ['body'], msg: 'no', type: 'model_error' }] },
  })
})
