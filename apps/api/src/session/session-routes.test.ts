/** Sessions of browsers over real HTTP and a real Redis: what begins one, what it may do, and what ends it. */
import { createHash, createHmac } from 'node:crypto'
import { createMetrics } from '@millrace/process'
import type { Queue } from '@millrace/queue'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readEvents } from '../../../../test/support/event-reader.ts'
import { newJob, openTestQueue, silent } from '../../../../test/support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../../../test/support/servers/redis-server.ts'
import { CONFIG, createFixture, testManifest } from '../app.fixture.ts'
import type { ApiDeps } from '../http/api-deps.ts'
import { KeyRing } from '../http/access/key-ring.ts'
import { type ApiServer, startApiServer } from '../start-api-server.ts'

const ROOT = 'the-key-of-the-settings'
const BOUND_MS = 2000

let redis: TestRedis
let queue: Queue
/** Two processes of one API. */
let first: ApiServer
let second: ApiServer
const closing: (() => Promise<unknown> | void)[] = []

beforeAll(async () => {
  redis = await startRedis({ appendonly: false })
  queue = openTestQueue(redis.url)
  await queue.models.publish(testManifest, 'w_test')
  first = await startServer()
  second = await startServer()
})
afterAll(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await queue.close()
  await redis.stop()
})

async function startServer(config: Partial<ApiDeps['config']> = {}): Promise<ApiServer> {
  const keyRing = new KeyRing(queue.keys, silent)
  await keyRing.start()
  const { jobs, changes, models, keys } = queue
  const fixture = await createFixture({ jobs, changes, models, keys, keyRing })
  const server = await startApiServer({
    ...fixture.deps,
    ...{ metrics: createMetrics(), fileSecret: () => queue.fileSecret() },
    config: { ...CONFIG, apiKey: ROOT, ...config },
  })
  closing.push(
    () => fixture.close(),
    () => keyRing.stop(0),
    () => server.close(0),
  )
  return server
}

type Headers = Record<string, string>
const ownOrigin = ({ url }: ApiServer): Headers => ({ origin: url })

function ask(server: ApiServer, method: string, path: string, headers: Headers = {}, body?: unknown) {
  const type: Headers = body === undefined ? {} : { 'content-type': 'application/json' }
  return fetch(`${server.url}${path}`, { method, headers: { ...type, ...headers }, body: JSON.stringify(body) })
}
const statusOf = async (...asked: Parameters<typeof ask>): Promise<number> => {
  const answer = await ask(...asked)
  await answer.arrayBuffer()
  return answer.status
}
const codeOf = async (...asked: Parameters<typeof ask>) =>
  ((await (await ask(...asked)).json()) as { code: string }).code

const logIn = (server: ApiServer, key: string, headers: Headers = ownOrigin(server)) =>
  ask(server, 'POST', '/v1/session', headers, { key })

/** What the browser sends with each request from then on. */
async function cookieOf(server: ApiServer, key: string): Promise<string> {
  const answer = await logIn(server, key)
  expect([answer.status, await answer.text()]).toEqual([204, ''])
  return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
}

async function makeKey(asked: object = {}): Promise<{ id: string; key: string }> {
  const body = { name: 'a page', scopes: ['client'], ...asked }
  const answer = await ask(first, 'POST', '/v1/keys', { authorization: `Bearer ${ROOT}` }, body)
  expect(answer.status).toBe(201)
  return (await answer.json()) as { id: string; key: string }
}

it('sets a cookie that scripts cannot read, that no other site gets, and that does not hold the key', async () => {
  const { key, id } = await makeKey()
  const answer = await logIn(first, key)
  const cookie = answer.headers.get('set-cookie') ?? ''
  const [pair, ...attributes] = cookie.split('; ')
  expect(attributes).toEqual(['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=43200'])
  expect(pair).toMatch(new RegExp(`^mr_session_${first.port}=${id}\\.\\d+\\.[0-9a-z]{26}\\.[\\w-]{43}$`))
  expect(cookie).not.toContain(key.slice(-52))
})

it('lets in at every process, for what the key may do and no more', async () => {
  const { key } = await makeKey({ tenant: 'acme', scopes: ['viewer'] })
  const cookie = await cookieOf(first, key)
  // A browser sends the cookies of one port to all ports of a host; here both processes stand behind one name.
  const asked = cookie.replace(String(first.port), String(second.port))
  expect(await statusOf(second, 'GET', '/v1/jobs', { cookie: asked })).toBe(200)
  expect(await codeOf(first, 'GET', '/v1/keys', { cookie })).toBe('scope_missing')
  const jobOfOther = newJob({ model: 'ocr' })
  await queue.jobs.submit(jobOfOther)
  expect(await codeOf(first, 'GET', `/v1/jobs/${jobOfOther.id}`, { cookie })).toBe('job_not_found')
})

it('marks the cookie for TLS alone where the page or the public address has it, and names it after that address', async () => {
  const { port } = first
  const byProxy = await logIn(first, ROOT, {
    origin: 'https://ml.test',
    host: `127.0.0.1:${port}`,
    'sec-fetch-site': 'same-origin',
  })
  expect(byProxy.headers.get('set-cookie')).toContain('; Secure')
  const server = await startServer({ publicUrl: 'https://ml.test/ml' })
  const answer = await logIn(server, ROOT, { origin: 'https://ml.test' })
  expect(answer.headers.get('set-cookie')).toMatch(/^mr_session_[0-9a-z]{8}=owner\..*Path=\/; .*; Secure$/)
})

it('changes things only for pages of its own', async () => {
  const cookie = await cookieOf(first, ROOT)
  const { url } = first
  const taken: Headers[] = [{ origin: url }, { 'sec-fetch-site': 'same-origin' }]
  const refused: Headers[] = [
    {},
    { origin: 'null' },
    { origin: 'http://other.test' },
    // A form on another port of the same host carries the cookie.
    { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'same-site', origin: url },
    { 'sec-fetch-site': 'cross-site', origin: url },
    { 'sec-fetch-site': 'none' },
  ]
  const submit = (headers: Headers) =>
    ask(first, 'POST', '/v1/models/ocr/jobs', { ...headers, cookie }, { input: { text: 'a' } })
  expect(await Promise.all(taken.map(async (headers) => (await submit(headers)).status))).toEqual([202, 202])
  for (const headers of refused) {
    expect([headers, await (await submit(headers)).json()]).toMatchObject([headers, { code: 'foreign_origin' }])
    expect([headers, await codeOf(first, 'POST', '/v1/session', headers, { key: ROOT })]).toEqual([
      headers,
      'foreign_origin',
    ])
    expect([headers, await statusOf(first, 'DELETE', '/v1/session', { ...headers, cookie })]).toEqual([headers, 403])
  }
  // A read has no effect, and no other page can see the answer.
  expect(await statusOf(first, 'GET', '/v1/jobs', { cookie })).toBe(200)
})

it('means the key where one is sent beside the cookie', async () => {
  const cookie = await cookieOf(first, ROOT)
  expect(await statusOf(first, 'GET', '/v1/jobs', { cookie, authorization: 'Bearer wrong' })).toBe(401)
  const { key } = await makeKey({ scopes: ['viewer'] })
  expect(await codeOf(first, 'GET', '/v1/keys', { cookie, authorization: `Bearer ${key}` })).toBe('scope_missing')
})

it('takes no cookie that was changed, made with another secret or for another key, or has expired', async () => {
  const { key, id } = await makeKey()
  const other = await makeKey()
  const cookie = await cookieOf(first, key)
  const [name = '', value = ''] = cookie.split('=')
  const [, expires = '', nonce = '', mac = ''] = value.split('.')
  const digest = createHash('sha256').update(key).digest()
  const signed = (until: number, secret: string) => {
    const ticket = `${id}.${until}.${nonce}`
    return `${ticket}.${createHmac('sha256', secret).update(`session\n${ticket}\n`).update(digest).digest('base64url')}`
  }
  const secret = await queue.fileSecret()
  const now = Math.floor(Date.now() / 1000)
  const wrong = [
    ...[`owner.${expires}.${nonce}.${mac}`, `${other.id}.${expires}.${nonce}.${mac}`],
    ...[`${id}.${Number(expires) + 1}.${nonce}.${mac}`, `${id}.${Number(expires) - 43_201}.${nonce}.${mac}`],
    ...[
      signed(Number(expires), 'guessed'),
      signed(now - 1, secret),
      `${'0'.repeat(16)}.${expires}.${nonce}.${mac}`,
      key,
      ROOT,
      '',
      'x'.repeat(4000),
    ],
  ]
  const codes = await Promise.all(wrong.map((text) => codeOf(first, 'GET', '/v1/jobs', { cookie: `${name}=${text}` })))
  expect(codes).toEqual(wrong.map(() => 'unauthorized'))
  for (const text of [value, signed(now + 60, secret)]) {
    expect(await statusOf(first, 'GET', '/v1/jobs', { cookie: `${name}=${text}` })).toBe(200)
  }
})

it('ends with the key of the settings: a server with another one, and the same secret, does not know it', async () => {
  const cookie = await cookieOf(first, ROOT)
  const next = await startServer({ apiKey: 'the-next-key-of-the-settings' })
  const asked = cookie.replace(String(first.port), String(next.port))
  expect(await statusOf(next, 'GET', '/v1/jobs', { cookie: asked })).toBe(401)
})

it('ends two seconds after its key was revoked, in every process, with the streams that it opened', async () => {
  const { key, id } = await makeKey()
  const cookie = await cookieOf(first, key)
  const sent = (server: ApiServer): Headers => ({ cookie: cookie.replace(String(first.port), String(server.port)) })
  const job = newJob({ model: 'ocr' })
  await queue.jobs.submit(job)
  const servers = [first, second]
  const streams = await Promise.all(
    servers.map((server) => readEvents(`${server.url}/v1/jobs/${job.id}/events`, { headers: sent(server) })),
  )
  const revokedAt = performance.now()
  await queue.keys.revoke(id)
  for (const stream of streams) {
    await stream.closed
    expect(stream.events.at(-1)).toMatchObject({ type: 'bye', data: { reason: 'key_ended' } })
  }
  expect(performance.now() - revokedAt).toBeLessThan(BOUND_MS)
  for (const server of servers) expect(await statusOf(server, 'GET', '/v1/jobs', sent(server))).toBe(401)
  expect((await logIn(first, key)).status).toBe(401)
})

it('is forgotten by the browser at a log-out', async () => {
  const cookie = await cookieOf(first, ROOT)
  const answer = await ask(first, 'DELETE', '/v1/session', { ...ownOrigin(first), cookie })
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([
    204,
    `mr_session_${first.port}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0`,
  ])
})

it('lets one address try ten wrong keys a minute, and counts no right one', async () => {
  const server = await startServer()
  for (let i = 0; i < 12; i++) expect((await logIn(server, ROOT)).status).toBe(204)
  const tries = await Promise.all(Array.from({ length: 11 }, (_, i) => logIn(server, `wrong ${i}`)))
  expect([401, 429].map((asked) => tries.filter(({ status }) => status === asked).length)).toEqual([10, 1])
  const late = await logIn(server, ROOT)
  expect(await late.json()).toMatchObject({ code: 'too_many_logins' })
  expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(50)
})

it('asks for nothing where no key is needed, and answers no other site there', async () => {
  const server = await startServer({ apiKey: undefined })
  const answer = await logIn(server, 'anything', {})
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([204, null])
  expect(await statusOf(server, 'DELETE', '/v1/session')).toBe(204)
  for (const headers of [{ origin: 'http://other.test' }, { 'sec-fetch-site': 'cross-site' }] as Headers[]) {
    expect((await logIn(server, 'anything', headers)).status).toBe(401)
  }
})

it('answers a body that is none of its own with what it expects', async () => {
  for (const body of [{}, { key: '' }, { key: 'x'.repeat(513) }, { key: ROOT, more: 1 }]) {
    expect(await codeOf(first, 'POST', '/v1/session', ownOrigin(first), body)).toBe('invalid_request')
  }
})
