import { jobSchema, manifestSchema, problemSchema } from '@millrace/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createFixture } from '../app.fixture.ts'

const secret = { type: 'string', format: 'password' }
const listSchema = z.object({ data: z.array(jobSchema) })
const text = { type: 'string' }

/** A server with one model, of this input schema. */
async function serve(input_schema: Record<string, unknown>) {
  const manifest = manifestSchema.parse({ name: 'm', version: '1', input_schema, output_schema: {} })
  const state = {
    ...{ manifest, workers: 1, queued: 0, running: 0, pauses: { model: null, versions: {} } },
    tally: { requeued: 0, failed: 0, canceled: 0, expired: 0 },
  }
  const api = await createFixture({
    models: { get: async () => state, list: async () => [state], loads: async () => [] } as never,
  })
  onTestFinished(() => api.close())
  return api
}

/** Input of the one job that was submitted to a model with these fields, as the answer, the job and the list show it. */
async function shown(properties: Record<string, unknown>, input: unknown, more: object = {}): Promise<unknown[]> {
  const api = await serve({ type: 'object', properties, ...more })
  const headers = { 'content-type': 'application/json' }
  const sent = { method: 'POST', headers, body: JSON.stringify({ input }) }
  const job = jobSchema.parse(await (await api.app.request('/v1/models/m/jobs', sent)).json())
  const again = jobSchema.parse(await (await api.app.request(`/v1/jobs/${job.id}`)).json())
  const list = listSchema.parse(await (await api.app.request('/v1/jobs')).json())
  expect(api.lines.join('')).not.toContain('hush')
  return [job.input, again.input, list.data[0]?.input]
}

const MASK = '**********'

test.each([
  ['a property named like a keyword', { default: secret, enum: text }, { default: 'hush', enum: 'e' }, ['default']],
  [
    'a branch that the validator does not reach',
    { a: { anyOf: [text, secret] }, b: text },
    { a: 'hush', b: 'b' },
    ['a'],
  ],
  ['a branch that does not fit', { a: { anyOf: [{ ...secret, minLength: 99 }, text] } }, { a: 'hush' }, ['a']],
  [
    'an input of which each field is one',
    {},
    { a: 'hush', b: 'hush' },
    ['a', 'b'],
    { format: 'password', additionalProperties: true },
  ],
])('%s is hidden in every answer', async (_, properties, input, hidden, more: object = {}) => {
  const masked = Object.fromEntries(
    Object.entries(input).map(([key, value]) => [key, hidden.includes(key) ? MASK : value]),
  )
  expect(await shown(properties, input, more)).toEqual([masked, masked, masked])
})

test('a file in the place of a secret is not shown either', async () => {
  const either = { anyOf: [{ format: 'file', contentMediaType: '*/*' }, secret] }
  const seen = await shown({ const: either }, { const: 'data:text/plain,hush' })
  expect(seen).toEqual(Array.from({ length: 3 }, () => ({ const: MASK })))
})

test('a default of a secret is filled in, and shown neither with the job nor with the model', async () => {
  const properties = { key: { ...secret, default: 'hush', examples: ['hush'] }, lang: { ...text, default: 'eng' } }
  const api = await serve({ type: 'object', properties })
  for (const path of ['/v1/models', '/v1/models/m', '/v1/models/m/openapi.json']) {
    const body = await (await api.app.request(path)).text()
    expect(body).toContain('"default":"eng"')
    expect(body).not.toContain('hush')
  }
  const sent = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"input":{}}' }
  const job = jobSchema.parse(await (await api.app.request('/v1/models/m/jobs', sent)).json())
  expect(job.input).toEqual({ key: MASK, lang: 'eng' })
  expect(api.submitted[0]?.input.value).toMatchObject({ inline: '{"key":"hush","lang":"eng"}' })
})

test('what else a secret might have been is not told by a refusal', async () => {
  const api = await serve({
    type: 'object',
    properties: { key: { enum: ['hush'], format: 'password' }, lang: { enum: ['eng'] } },
  })
  const sent = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":{"key":"x","lang":"x"}}',
  }
  const problem = problemSchema.parse(await (await api.app.request('/v1/models/m/jobs', sent)).json())
  expect(problem.errors).toEqual([
    { path: '/input/key', code: 'enum', message: 'is none of the values that are taken' },
    { path: '/input/lang', code: 'enum', message: 'must be one of ["eng"]' },
  ])
})
