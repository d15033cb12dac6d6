import { fileIdOf, type JobRecord, LIMITS } from '@millrace/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { createFixture } from '../app.fixture.ts'
import { FileSigner } from '@millrace/webhooks'
import { jobText } from './job-view.ts'

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

test('a small value is shown wherever it is kept, a large one is not', async () => {
  const api = await createFixture()
  onTestFinished(() => api.close())
  const headers = { 'content-type': 'application/json' }
  await api.app.request('/v1/models/ocr/jobs', { method: 'POST', headers, body: '{"input":{}}' })
  const [record] = [...api.records.values()] as [JobRecord]
  const keep = async (name: string, text: string) => {
    const { key, size, sha256 } = await api.objects.put(name, Buffer.from(text), { contentType: 'application/json' })
    return { stored: { key, size, sha256 } }
  }
  const show = async (change: Partial<JobRecord>) => {
    api.records.set(record.id, { ...record, status: 'succeeded', ...change })
    return (await (await api.app.request(`/v1/jobs/${record.id}`)).json()) as Record<string, unknown>
  }
  const output = await keep('out.json', '["as it was"]')
  expect(await show({ input: await keep('in.json', '{"a":1}'), output })).toMatchObject({
    input: { a: 1 },
    output: ['as it was'],
  })
  expect(
    await show({ output: await keep('large.json', JSON.stringify('x'.repeat(LIMITS.inlineBytes))) }),
  ).toMatchObject({ output: null })
  // Purged between the two reads.
  await api.objects.delete('out.json')
  expect(await show({ output })).toMatchObject({ output: null })
})

test('a reader who came by a signed address is given none that lasts longer', async () => {
  const api = await createFixture()
  onTestFinished(() => api.close())
  const headers = { 'content-type': 'application/json' }
  await api.app.request('/v1/models/ocr/jobs', { method: 'POST', headers, body: '{"input":{}}' })
  const [record] = [...api.records.values()] as JobRecord[]
  if (!record) throw new Error('no job was kept')
  const file = {
    id: fileIdOf(record.id, 'o', 0),
    pointer: '',
    key: 'k',
    name: 'a',
    content_type: 'a/b',
    size: 1,
    sha256: '',
  }
  const job = { ...record, output: { inline: 'null' }, output_files: [file] }
  const signer = new FileSigner('secret', { signsEvents: true })
  const lifeOf = async (expires?: number) => {
    const text = await jobText(job, { signer, objects: api.objects, base: 'http://localhost', expires })
    const { output, urls } = JSON.parse(text) as {
      output: { url: string; expires_at: string }
      urls: { events: string }
    }
    const ends = [output.url, urls.events].map((url) => Number(new URL(url).searchParams.get('expires')))
    return [...ends, Date.parse(output.expires_at) / 1000]
  }
  const soon = Math.ceil(Date.now() / 1000) + 600
  expect(await lifeOf(soon)).toEqual([soon, soon, soon])
  expect((await lifeOf())[0]).toBe(FileSigner.expiry())
})
