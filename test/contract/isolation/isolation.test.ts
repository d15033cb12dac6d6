/**
 * The isolation of tenants: each route of the document × each state of what it is about × each kind of key. What is another's is
 * answered as what is not there, byte for byte, and is left as it is.
 */
import type { Scope } from '@millrace/contracts'
import { afterAll, describe, expect, it } from 'vitest'
import { isolationRows, type Row } from './isolation-rows.ts'
import { type Answer, MARK, MODEL, OTHER, OWNER, startIsolationWorld, type Thing } from './start-isolation-world.ts'

const ROWS = 'test/contract/isolation/isolation-rows.ts'
/** What a key's models bound. */
const OF_MODELS: readonly Thing[] = ['job', 'file of a job']
/** Of no key, or of one that lets nobody in. */
const STRANGERS = ['none', 'malformed', 'revoked', 'expired'] as const

const world = await startIsolationWorld()
afterAll(() => world.stop())
const { ask, keys, queue, make } = world

interface Operation {
  name: string
  method: string
  path: string
  /** Undefined: every key may. */
  scope: Scope | undefined
  row: Row
}

type Security = { apiKey?: Scope[] }[]
const { text } = await ask('GET', '/openapi.json')
const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, { security: Security }>> }
const documented = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { security }]) => ({
    name: `${method.toUpperCase()} ${path}`,
    path,
    security,
  })),
)
const operations: Operation[] = documented.flatMap(({ name, path, security }) => {
  const row = isolationRows[name]
  return row ? [{ name, path, row, method: name.split(' ')[0] ?? '', scope: security[0]?.apiKey?.[0] }] : []
})
const ofThings = operations.filter(({ row }) => typeof row.of !== 'string')
/** What reads first: the others change what the other one has. */
const ofTenants = operations
  .filter(({ row }) => row.of === 'tenant' || row.of === 'model')
  .toSorted((a, b) => Number(a.method !== 'GET') - Number(b.method !== 'GET'))
const closed = operations.filter(({ row }) => row.of !== 'open')

const pathOf = ({ path, row }: Operation, id: string) =>
  `${path.replace('{id}', id).replace('{model}', MODEL)}${row.query ?? ''}`
const askFor = (operation: Operation, key: string | undefined, id = 'x') => {
  const { method, row } = operation
  return ask(method, pathOf(operation, id), { key, body: row.body?.(), headers: row.headers ?? {} })
}

/** Without what is different in every answer. */
const plain = (answer: Answer, id = ''): Answer => ({
  ...answer,
  text: answer.text.replace(/"request_id":"[^"]*"/, '').replaceAll(id || '\0', '<id>'),
})
const codeOf = ({ text }: Answer): unknown => (JSON.parse(text) as { code?: string }).code

/** An id of the same form that names nothing. */
const missing = (id: string): string =>
  id.replace(/[0-9a-z]{8}(?=(_[io]\d+)?$)/, (end) => (end === '0'.repeat(8) ? '1' : '0').repeat(8))

// What the other one sees while the owner has nothing.
await queue.jobs.cancel(await jobOfOther(), OTHER)
const before = new Map<string, Answer>()
for (const operation of ofTenants.filter(({ method }) => method === 'GET')) {
  before.set(operation.name, plain(await askFor(operation, keys.other)))
}

const things: { thing: Thing; state: string; id: string }[] = []
for (const [thing, states] of Object.entries(make) as [Thing, (typeof make)[Thing]][]) {
  for (const [state, maker] of Object.entries(states)) things.push({ thing, state, id: await maker() })
}
const thingsOf = ({ row }: Operation) => things.filter(({ thing }) => row.of.includes(thing as never))
const idsOf = (operation: Operation): string[] =>
  typeof operation.row.of === 'string' ? ['x'.repeat(16)] : thingsOf(operation).map(({ id }) => id)
const marks = [MARK, OWNER, ...things.map(({ id }) => id)]
const asItWas = await fingerprint()

async function jobOfOther() {
  const { text } = await ask('POST', `/v1/models/${MODEL}/jobs`, { key: keys.other, body: { input: { text: 'mine' } } })
  return (JSON.parse(text) as { id: `job_${string}` }).id
}

/** All that the owner has, as it is kept. */
async function fingerprint() {
  const jobs = things.filter(({ thing }) => thing === 'job')
  const uploads = things.filter(({ thing }) => thing === 'upload')
  return {
    jobs: await Promise.all(jobs.map(({ id }) => queue.upkeep.get(id as never))),
    files: await Promise.all(uploads.map(({ id }) => queue.files.get(id as never, { tenant: OWNER }))),
    webhooks: await queue.webhooks.settings.get(OWNER),
    deliveries: (await queue.webhooks.deliveries.list({ tenant: OWNER, limit: 100 })).deliveries,
    count: (await queue.jobs.list({ tenant: OWNER, limit: 100 })).records.length,
  }
}

/** Nothing of the owner, but the id that was asked for. */
function expectNoMarks({ text }: Answer, id = '') {
  expect(marks.filter((mark) => mark !== id && text.includes(mark))).toEqual([])
}

it('has a row for each route, and a route for each row', () => {
  const names = documented.map(({ name }) => name)
  const help = `Each route needs a row in ${ROWS}: \`'GET /v1/things/{id}': { of: ['thing'] }\` for what a path names (a new thing: makers in start-isolation-world.ts), \`tenant()\` for what shows all that a tenant has, \`operators\` for the scope admin. These have none, or no route`
  const lacking = names.filter((name) => !Object.hasOwn(isolationRows, name))
  const left = Object.keys(isolationRows).filter((name) => !names.includes(name))
  expect({ lacking, left }, help).toEqual({ lacking: [], left: [] })
  expect(things.length).toBeGreaterThan(20)
})

describe('a stranger is let in nowhere, and all are told the same:', () => {
  it.each(closed)('$name', async (operation) => {
    const targets = idsOf(operation)
    const raw = await askFor(operation, undefined, targets[0])
    expect([raw.status, codeOf(raw)]).toEqual([401, 'unauthorized'])
    for (const id of targets) {
      const answers = await Promise.all(STRANGERS.map((who) => askFor(operation, keys[who], id)))
      for (const [i, answer] of answers.entries())
        expect([STRANGERS[i], plain(answer, id)]).toEqual([STRANGERS[i], plain(raw)])
    }
  })
})

it('lets a key for metrics alone read what is measured, and what it may ask about itself, and nothing else', async () => {
  const opened: string[] = []
  for (const operation of closed.filter(({ scope }) => scope !== undefined)) {
    const answer = await askFor(operation, keys.metrics, idsOf(operation)[0])
    if (answer.status !== 403) opened.push(operation.name)
    else expect(codeOf(answer), operation.name).toBe('scope_missing')
  }
  expect(opened).toEqual(['GET /v1/models/{model}/scale', 'GET /metrics'])
})

describe('a key without the scope is refused, and told nothing else:', () => {
  it.each(closed.filter(({ scope }) => scope !== undefined))('$name', async (operation) => {
    const key = keys.without(operation.scope as Scope)
    const targets = idsOf(operation)
    const first = plain(await askFor(operation, key, missing(targets[0] ?? '')))
    expect([first.status, first.text]).toEqual([403, expect.stringContaining(`needs the scope ${operation.scope}.`)])
    const answers = await Promise.all(targets.map((id) => askFor(operation, key, id)))
    for (const [i, answer] of answers.entries()) expect(plain(answer, targets[i])).toEqual(first)
  })
})

describe('an administrator may:', () => {
  it.each(closed.filter(({ row, method }) => row.of === 'operators' && method === 'GET'))(
    '$name',
    async (operation) => {
      expect([401, 403]).not.toContain((await askFor(operation, keys.admin)).status)
    },
  )
})

describe('what is another’s is answered as what is not there:', () => {
  it.each(ofThings)('$name', async (operation) => {
    for (const { id, state } of thingsOf(operation)) {
      const none = missing(id)
      const [absent, theirs] = await Promise.all([none, id].map((one) => askFor(operation, keys.other, one)))
      expect([state, absent?.status]).toEqual([state, operation.row.absent ?? 404])
      expect([state, plain(theirs as Answer, id)]).toEqual([state, plain(absent as Answer, none)])
      expectNoMarks(theirs as Answer, id)
    }
  })
})

describe('what belongs to another model than those of the key is answered in the same way:', () => {
  const ofJobs = ofThings.filter(({ row }) => OF_MODELS.some((thing) => row.of.includes(thing as never)))
  it.each(ofJobs)('$name', async (operation) => {
    for (const { id, state } of thingsOf(operation).filter(({ thing }) => OF_MODELS.includes(thing))) {
      const none = missing(id)
      const [absent, theirs] = await Promise.all([none, id].map((one) => askFor(operation, keys.elsewhere, one)))
      expect([state, plain(theirs as Answer, id)]).toEqual([state, plain(absent as Answer, none)])
    }
  })

  it.each(ofTenants.filter(({ path }) => path.includes('{model}')))('$name', async (operation) => {
    expect(codeOf(await askFor(operation, keys.elsewhere))).toBe('model_not_allowed')
  })
})

describe('what another one sees is the same with all that the owner has, and without:', () => {
  it.each(ofTenants)('$name', async (operation) => {
    await world.beat()
    const got = await askFor(operation, keys.other)
    expect(got.status).toBeLessThan(300)
    expectNoMarks(got)
    if (operation.method === 'GET') expect(plain(got)).toEqual(before.get(operation.name))
  })
})

it('takes nothing of another’s by filter, cursor, idempotency key or input', async () => {
  const byKey = (key: string, path: string) => ask('GET', path, { key })
  const one = (thing: Thing, state: string) => things.find((made) => made.thing === thing && made.state === state)?.id
  const [own, none] = [one('job', 'succeeded') ?? '', missing(one('job', 'succeeded') ?? '')]
  const pages = await Promise.all(
    ['/v1/jobs', '/v1/webhook-deliveries'].map((path) => byKey(keys.own, `${path}?limit=1`)),
  )
  for (const [i, path] of ['/v1/jobs', '/v1/webhook-deliveries'].entries()) {
    const { next_cursor } = JSON.parse(pages[i]?.text ?? '') as { next_cursor: string }
    expect(next_cursor).toBeTruthy()
    expectNoMarks(await byKey(keys.other, `${path}?cursor=${next_cursor}`))
  }
  for (const filter of [`job=${own}`, `endpoint=${one('endpoint', 'enabled')}`, `job=${none}`]) {
    const { text } = await byKey(keys.other, `/v1/webhook-deliveries?${filter}`)
    expect(JSON.parse(text)).toMatchObject({ data: [], next_cursor: null })
  }
  const submit = (key: string, body: unknown, headers = {}) =>
    ask('POST', `/v1/models/${MODEL}/jobs`, { key, body, headers })
  for (const file of [one('upload', 'ready') ?? '', one('file of a job', 'kept') ?? '']) {
    const [theirs, absent] = await Promise.all(
      [file, missing(file)].map((image) => submit(keys.other, { input: { image } })),
    )
    expect([theirs?.status, plain(theirs as Answer)]).toEqual([422, plain(absent as Answer)])
  }
  const key = { 'idempotency-key': 'the-same-for-both' }
  const [hers, his] = [await submit(keys.own, { input: {} }, key), await submit(keys.other, { input: {} }, key)]
  expect([hers.status, his.status]).toEqual([202, 202])
  const { id } = JSON.parse(hers.text) as { id: string }
  expect(his.text).not.toContain(id)
  await queue.jobs.purge(id as never, OWNER)
})

it('has left all that the owner has as it was', async () => {
  expect(await fingerprint()).toEqual(asItWas)
})

describe('the owner is answered:', () => {
  it.each(ofThings)('$name', async (operation) => {
    const { row } = operation
    for (const thing of row.of as readonly Thing[]) {
      for (const [state, maker] of Object.entries(make[thing])) {
        const { status, text } = await askFor(operation, keys.own, await maker())
        const isGone = row.gone?.includes(state) === true
        const isThere = ![401, 403, 404, 410].includes(status) && status < 500
        expect([thing, state, isThere ? 'there' : 'gone', text]).toEqual([
          thing,
          state,
          isGone ? 'gone' : 'there',
          text,
        ])
      }
    }
  })
})
