/** The OpenAPI document and the API are one: what it allows is taken, what it forbids is refused, and answers are as it says. */
import { pointerTo } from '@millrace/contracts'
import { type AnnouncedFile, type KeptKey, newJobId, type TenantWebhooks } from '@millrace/queue'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ApiDeps } from '../http/api-deps.ts'
import { createFixture } from '../app.fixture.ts'
import { aRecord } from '../../../../test/support/a-record.ts'
import { arbitraryOf, type Schema } from './arbitrary-of.fixture.ts'
import { createFileStand } from '../file-stand.fixture.ts'

interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  schema: Schema
}
interface Operation {
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, unknown> }>
}
type Paths = Record<string, Record<string, Operation>>
type Sent = { path: string; query: [string, string][]; headers: Record<string, string>; body: unknown }
type Settings = ApiDeps['webhooks']['settings']

const webhooksInMemory = (): ApiDeps['webhooks'] => {
  let kept: TenantWebhooks = { version: 0, secret: null, endpoints: [] }
  const change: Settings['change'] = async (_tenant, update) => {
    const changed = update(kept, Date.now())
    // Never as many as may be.
    if (changed) kept = { ...changed, endpoints: changed.endpoints.slice(-3), version: kept.version + 1 }
    return kept
  }
  const deliveries = {
    get: async () => undefined,
    told: async () => undefined,
    list: async () => ({ deliveries: [], nextCursor: null }),
    redeliverUndelivered: async () => ({ count: 0, more: false }),
    test: async () => `whd_${'0'.repeat(34)}`,
  }
  return { settings: { get: async () => kept, change }, deliveries } as unknown as ApiDeps['webhooks']
}

const announced = { status: 'announced', tenant: 'default', size: 5, sha256: '', object: 'o', expiresAt: Date.now() }
const facts = { name: 'a', contentType: 'text/plain', upload: undefined }
const files: ApiDeps['files'] = {
  ...createFileStand(),
  get: async (id) => ({ ...announced, ...facts, id }) as AnnouncedFile,
}
const kept: KeptKey = {
  ...{ id: '0'.repeat(16), digest: '', tenant: 'default', name: 'a key', scopes: ['files'], models: null },
  ...{ createdBy: null, createdMs: 0, expiresMs: null, revokedMs: null, lastUsedMs: null, replacedBy: null },
}
const keys: ApiDeps['keys'] = {
  create: async (key) => ({ ...kept, ...key }),
  get: async () => kept,
  list: async () => ({ keys: [kept], nextCursor: null }),
  revoke: async () => ({ ...kept, revokedMs: 1 }),
  rotate: async (_id, next) => ({ ...kept, id: next.id, createdBy: next.createdBy }),
  changes: async () => ({ at: '0-0', ids: [], nowMs: 0 }),
  touch: async () => undefined,
}
const tenants: ApiDeps['tenants'] = {
  get: async (id) => ({ id, settings: { weight: 2 }, changedMs: 0 }),
  list: async () => ({ tenants: [{ id: 'acme', settings: {}, changedMs: null }], nextCursor: null }),
  change: async (id) => ({ before: { id, settings: {}, changedMs: null }, after: { id, settings: {}, changedMs: 0 } }),
  changes: async () => ({ at: 0, tenants: [] }),
  setDefaults: async () => undefined,
  drawSubmits: async () => ({ granted: 1, remaining: 1, waitMs: 1 }),
  jobsOf: async () => [],
}
const cancellations: ApiDeps['cancellations'] = {
  begin: async () => ({ id: 'can_1', models: [] }),
  get: async (id) => ({
    ...{ object: 'cancellation', id, status: 'done', filter: { model: 'ocr' }, canceled: 1, stopping: 0 },
    ...{ created_at: new Date(0).toISOString(), finished_at: null },
  }),
  page: async () => false,
}
const api = await createFixture({ webhooks: webhooksInMemory(), files, keys, tenants, cancellations })
const document = (await (await api.app.request('/openapi.json')).json()) as Schema & { paths: Paths }
const ajv = new Ajv2020({ strict: false, allErrors: false, logger: false })
formats.default(ajv)
ajv.addSchema(document, 'document')
const job = newJobId('ocr')

beforeAll(async () => {
  const body = JSON.stringify({ input: { text: 'a' } })
  const headers = { 'content-type': 'application/json' }
  await api.app.request('/v1/models/ocr/jobs', { method: 'POST', body, headers })
  const [submitted] = api.submitted
  if (!submitted) throw new Error('nothing was submitted')
  const output = { inline: '{"text":"a"}' }
  api.records.set(job, aRecord({ ...submitted, id: job }, { status: 'succeeded', output }))
})
afterAll(() => api.close())

const schemaAt = (ref: string): Schema =>
  ref
    .split('/')
    .slice(1)
    .reduce<unknown>((node, key) => (node as Schema)[key], document) as Schema

const checks = new Map<string, ValidateFunction>()

/** Whether a value is as the document says at a place in it. */
function fits(value: unknown, ...place: string[]): boolean {
  const at = `document#${encodeURI(place.reduce(pointerTo, ''))}`
  const check = checks.get(at) ?? ajv.compile({ $ref: at })
  checks.set(at, check)
  return check(value) === true
}

/** A dot alone, or two, would be another path. */
const inPath = (value: string): string => encodeURIComponent(value.replace(/^\.\.?$/, '_')) || '%20'

const JUNK = ['', '-1', '1e3', '0x10', ' 1', 'NaN', '%', '../x', 'a b', 'x'.repeat(600)]
const LIVE: Record<string, string[]> = { model: ['ocr'], id: [job], code: ['internal'] }
/** They ask for a wait or a stream, which have tests of their own. */
const APART = new Set(['accept', 'prefer'])

function requestOf(path: string, { parameters = [], requestBody }: Operation): fc.Arbitrary<Sent> {
  const textOf = ({ name, schema }: Parameter) =>
    fc.oneof(arbitraryOf(schema, schemaAt).map(String), fc.constantFrom(...JUNK, ...(LIVE[name] ?? [])))
  const named = (where: Parameter['in'], name = (one: Parameter) => one.name) =>
    parameters
      .filter((one) => one.in === where && !APART.has(one.name))
      // One of its keys, or what is no key.
      .flatMap((one) => (isKeyed(one) ? keyedOf(one) : [one]))
      .map((one) => [name(one), textOf(one)] as const)
  const json = requestBody?.content['application/json']?.schema
  const valid = json ? arbitraryOf(json, schemaAt) : fc.constant(undefined)
  const spoilt = fc
    .tuple(valid, fc.constantFrom('input', 'url', 'events', 'size', 'timeout', 'metadata', 'bogus'), fc.jsonValue())
    .map(([body, key, value]) => ({ ...(body as object), [key]: value }))
  return fc.record({
    path: fc
      .record(Object.fromEntries(named('path')))
      .map((values) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => inPath(String(values[name])))),
    query: fc
      .tuple(
        fc.record(Object.fromEntries(named('query')), { requiredKeys: [] }),
        fc.option(fc.constantFrom(...named('query').map(([name]) => name), 'bogus'), { freq: 4, nil: undefined }),
      )
      .map(([values, again]) => [...Object.entries(values), ...(again ? [[again, '1']] : [])] as [string, string][]),
    headers: fc.record(Object.fromEntries(named('header')), { requiredKeys: [] }) as fc.Arbitrary<
      Record<string, string>
    >,
    body: json ? fc.oneof({ weight: 3, arbitrary: valid }, spoilt, fc.jsonValue()) : fc.constant(undefined),
  })
}

/** Of a map: each key is a parameter of its own. */
const isKeyed = ({ schema }: Parameter): boolean => schema.type === 'object'

const keyedOf = (one: Parameter): Parameter[] =>
  [`${one.name}[a]`, one.name].map((name) => ({ ...one, name, schema: one.schema.additionalProperties as Schema }))

/** What a text in a query or a header is, as the document means it. */
function meantBy(text: string, name: string, { schema, ...parameter }: Parameter): unknown {
  if (schema.type === 'array') return text.split(',')
  if (schema.type === 'object') return name === parameter.name ? undefined : { a: text }
  return schema.type === 'integer' && /^-?\d+$/.test(text) ? Number(text) : text
}

function isAllowed({ query, headers, body }: Sent, place: string[], operation: Operation): boolean {
  const given = [...query, ...Object.entries(headers)]
  const { parameters = [] } = operation
  const named = (name: string) => parameters.findIndex((one) => one.name === name.replace(/\[a\]$/, ''))
  const once = query.filter(([name]) => parameters[named(name)]?.schema.type !== 'array').map(([name]) => name)
  if (new Set(once).size < once.length) return false
  const areFit = given.every(([name, text]) => {
    const index = named(name)
    const parameter = parameters[index]
    if (!parameter) return false
    return fits(meantBy(text, name, parameter) ?? null, ...place, 'parameters', String(index), 'schema')
  })
  return areFit && (body === undefined || fits(body, ...place, 'requestBody', 'content', 'application/json', 'schema'))
}

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => [method, path, operation] as const),
)

test.each(operations)('%s %s keeps to the document', async (method, path, operation) => {
  const place = ['paths', path, method]
  const send = async (sent: Sent) => {
    const search = new URLSearchParams(sent.query).toString()
    const type: Record<string, string> = sent.body === undefined ? {} : { 'content-type': 'application/json' }
    const init = {
      method: method.toUpperCase(),
      headers: { ...sent.headers, ...type },
      body: JSON.stringify(sent.body),
    }
    // A stream needs a server; a form and raw bytes have tests of their own.
    const at = path.endsWith('/events') ? sent.path.replace(job, newJobId('ocr')) : sent.path
    const response = await api.app.request(`${at}${search && '?'}${search}`, init)
    const { status } = response
    const text = await response.text()
    const answer = operation.responses[status]
    expect(status, text).not.toBe(500)
    expect(Object.keys(operation.responses), text).toContain(String(status))
    const [content = ''] = (response.headers.get('content-type') ?? '').split(';')
    if (answer?.content && !answer.content['*/*']) expect(Object.keys(answer.content)).toContain(content)
    if (content.endsWith('json')) {
      expect(fits(JSON.parse(text), ...place, 'responses', String(status), 'content', content, 'schema'), text).toBe(
        true,
      )
    }
    // What a cursor means, only the list that gave it knows.
    const mayBeRefused = sent.query.some(([name]) => name === 'cursor')
    // Whoever probes the service may add what he likes.
    const isStrict = path.startsWith('/v1/')
    if (isStrict && !isAllowed(sent, place, operation)) expect(status, 'was forbidden').toBeGreaterThanOrEqual(400)
    else if (!mayBeRefused) expect(status, text).not.toBe(400)
  }
  await fc.assert(fc.asyncProperty(requestOf(path, operation), send), { numRuns: 20 })
})

test('a submit that is only tried answers as the document says', async () => {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ input: { text: 'a' } })
  const path = '/v1/models/ocr/jobs?dry_run=true'
  const answer = await api.app.request(path, { method: 'POST', body, headers })
  const place = [
    'paths',
    '/v1/models/{model}/jobs',
    'post',
    'responses',
    '200',
    'content',
    'application/json',
    'schema',
  ]
  expect([answer.status, fits(await answer.json(), ...place)]).toEqual([200, true])
})
