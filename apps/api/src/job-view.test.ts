import type { JobRecord } from '@millrace/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { createFixture } from './app.fixture.ts'

test.each([
  ['failed', true],
  ['canceled', true],
  ['succeeded', false],
] as const)('what a job that %s gave is shown and served, and told to be partial: %s', async (status, partial) => {
  const api = await createFixture()
  onTestFinished(() => api.close())
  const headers = { 'content-type': 'application/json' }
  await api.app.request('/v1/models/ocr/jobs', { method: 'POST', headers, body: '{"input":{}}' })
  const [record] = [...api.records.values()] as JobRecord[]
  const id = record?.id ?? ''
  const ended = { status, output: { inline: '["so far"]' }, model_metrics: { pages: 1 } }
  api.records.set(id, { ...(record as JobRecord), ...ended })
  const job = await (await api.app.request(`/v1/jobs/${id}`)).json()
  expect(job).toMatchObject({ output: ['so far'], partial, metrics: { model: { pages: 1 } } })
  expect(await (await api.app.request(`/v1/jobs/${id}/output`)).json()).toEqual(['so far'])
})
