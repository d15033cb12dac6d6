import { jobSchema, manifestSchema, problemSchema } from '@millrace/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { createFixture } from '../../app.fixture.ts'

const map = (values: object) => ({ type: 'object', additionalProperties: values, default: {} })
const manifest = manifestSchema.parse({
  name: 'm',
  version: '1',
  input_schema: {
    type: 'object',
    properties: { env: map({ type: 'string', format: 'password' }), any: {}, files: map({ format: 'file' }) },
  },
  output_schema: {},
})

async function open() {
  const state = {
    ...{ manifest, workers: 1, queued: 0, running: 0, pauses: { model: null, versions: {} } },
    tally: { requeued: 0, failed: 0, canceled: 0, expired: 0 },
  }
  const api = await createFixture({ models: { get: async () => state } as never })
  onTestFinished(() => api.close())
  const post = async (body: string | FormData, headers: Record<string, string> = {}) =>
    (await api.app.request('/v1/models/m/jobs', { method: 'POST', body, headers })).json()
  return { ...api, post, postJson: (body: string) => post(body, { 'content-type': 'application/json' }) }
}

test.each([
  ['{"input":{"env":{"__proto__":"x"}}}', '/input/env/__proto__'],
  ['{"input":{"any":[{"a/b":[{"__proto__":1}]}]}}', '/input/any/0/a~1b/0/__proto__'],
  ['{"input":{"__proto__":{"any":1}}}', '/input/__proto__'],
  ['{"input":{},"metadata":{"__proto__":"x"}}', '/metadata/__proto__'],
  ['{"input":{},"__proto__":{}}', '/__proto__'],
  [String.raw`{"input":{"env":{"\u005f_pr\u006fto__":"x"}}}`, '/input/env/__proto__'],
])('a key named __proto__ is refused with its place, and nothing is kept: %s', async (body, path) => {
  const api = await open()
  const problem = problemSchema.parse(await api.postJson(body))
  expect(problem).toMatchObject({ code: 'reserved_key', status: 400, errors: [{ path, code: 'reserved_key' }] })
  expect(api.submitted).toEqual([])
})

test.each([
  ['input', '{"env":{"__proto__":"x"}}', '/input/env/__proto__'],
  ['metadata', '{"__proto__":"x"}', '/metadata/__proto__'],
  ['/files/__proto__', new File(['x'], 'a.txt'), '/input/files/__proto__'],
  ['__proto__', new File(['x'], 'a.txt'), '/input/__proto__'],
])('a part %s cannot bring one in either', async (name, value, path) => {
  const api = await open()
  const form = new FormData()
  form.append(name, value)
  const problem = problemSchema.parse(await api.post(form))
  expect(problem).toMatchObject({ code: 'reserved_key', errors: [{ path }] })
  expect(await api.storedKeys()).toEqual([])
})

test('other names that objects inherit are keys like any other', async () => {
  const names = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', '']
  const values = Object.fromEntries(names.map((name) => [name, 'hush']))
  const api = await open()
  const files = Object.fromEntries(names.map((name) => [name, 'data:text/plain,x']))
  const body = JSON.stringify({ input: { env: values, any: values, files }, metadata: values })
  const job = jobSchema.parse(await api.postJson(body))
  expect(job.metadata).toEqual(values)
  expect(job.input?.any).toEqual(values)
  expect(Object.keys(job.input?.env as object)).toEqual(names)
  expect(JSON.stringify(job.input?.env)).not.toContain('hush')
  expect(Object.values(job.input?.files as object).map((file: { object: string }) => file.object)).toEqual(
    names.map(() => 'file'),
  )
})

test('the word in a text or a value is nothing special', async () => {
  const api = await open()
  const any = ['__proto__', String.raw`"__proto__":1`, { proto: '\u1234' }]
  expect(jobSchema.parse(await api.postJson(JSON.stringify({ input: { any } }))).input?.any).toEqual(any)
})

test('a job that was kept with such a key is shown, and one that cannot be shown hides no others', async () => {
  const api = await open()
  for (const any of [1, 2, 3]) await api.postJson(JSON.stringify({ input: { any } }))
  const [old, broken] = [...api.records.values()]
  if (typeof old !== 'object' || typeof broken !== 'object') throw new TypeError('there are no jobs')
  old.input = { inline: '{"env":{"__proto__":"hush","a":"b"}}', secrets: ['/env/__proto__', '/env/none'] }
  broken.webhook = { url: 'hush is no address', events: [] }
  const text = await (await api.app.request('/v1/jobs')).text()
  expect(text).toContain('"input":{"env":{"__proto__":"**********","a":"b"}}')
  expect(text).not.toContain('hush')
  expect((JSON.parse(text) as { data: unknown[] }).data).toHaveLength(2)
  expect((await api.app.request(`/v1/jobs/${old.id}`)).status).toBe(200)
  expect(api.lines.join('')).toContain(broken.id)
  expect(api.lines.join('')).not.toContain('hush')
})
