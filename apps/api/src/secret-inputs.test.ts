import { jobSchema, manifestSchema } from '@millrace/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createFixture } from './app.fixture.ts'

const secret = { type: 'string', format: 'password' }
const listSchema = z.object({ data: z.array(jobSchema) })
const text = { type: 'string' }

/** Input of the one job that was submitted to a model with these fields, as the answer, the job and the list show it. */
async function shown(properties: Record<string, unknown>, input: unknown, more: object = {}): Promise<unknown[]> {
  const input_schema = { type: 'object', properties, ...more }
  const manifest = manifestSchema.parse({ name: 'm', version: '1', input_schema, output_schema: {} })
  const models = { get: async () => ({ manifest, workers: 1, queued: 0, running: 0 }) }
  const api = await createFixture({ models: models as never })
  onTestFinished(() => api.close())
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
