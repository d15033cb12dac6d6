import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Job, Problem } from '@millrace/contracts'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiClient } from '../../support/api-client.ts'
import { startMillrace } from '../../support/processes/millrace-process.ts'
import { startRedis } from '../../support/servers/redis-server.ts'
import { SHIPPED_MODELS, type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** Bad requests over real HTTP: the right status, a body that says what to do, and no job. */

let stack: Stack
let redis: Redis

beforeAll(async () => {
  stack = await startStack({
    env: { MILLRACE_MODELS: `${SHIPPED_MODELS}/echo,${SHIPPED_MODELS}/ocr,${TEST_MODELS}/noop` },
  })
  redis = new Redis(stack.redis.url)
  for (const model of ['echo', 'ocr', 'noop']) await stack.client.ready(model)
}, 60_000)
afterAll(async () => {
  redis.disconnect()
  await stack.stop()
})

const jobs = async (): Promise<number> => (await redis.keys('*:job:job_*')).length

async function refused(
  body: RequestInit['body'],
  expected: [number, string],
  options: { type?: string; model?: string } = {},
) {
  const before = await jobs()
  const response = await stack.client.request(`/v1/models/${options.model ?? 'echo'}/jobs`, {
    method: 'POST',
    body,
    ...(body instanceof FormData ? {} : { headers: { 'content-type': options.type ?? 'application/json' } }),
  })
  const problem = (await response.json()) as Problem
  expect([response.status, problem.code]).toEqual(expected)
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  expect(problem.request_id).toBe(response.headers.get('x-request-id'))
  expect(problem.detail.length).toBeLessThan(2000)
  expect(await jobs()).toBe(before)
  return problem
}

it('refuses what is not JSON', async () => {
  await refused('{"input": {"message": ', [400, 'malformed_json'])
  await refused('', [400, 'malformed_json'])
  await refused(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), [400, 'invalid_utf8'])
  await refused(`{"input":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, [400, 'json_too_deep'])
  await refused(JSON.stringify({ input: { message: 'x'.repeat(2_000_000) } }), [413, 'body_too_large'])
  await refused('<x/>', [415, 'unsupported_media_type'], { type: 'text/xml' })
})

it('refuses a chunked body at the limit, without reading the rest', async () => {
  let sent = 0
  const body = new ReadableStream({
    pull(controller) {
      sent += 64 * 1024
      if (sent > 200 * 1024 * 1024) controller.close()
      else controller.enqueue(new Uint8Array(64 * 1024).fill(0x20))
    },
  })
  const answer = await fetch(new URL('/v1/models/echo/jobs', stack.client.url), {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
    duplex: 'half',
  } as RequestInit).then(
    (response) => response.status,
    // The server may close the connection before all of its answer is read.
    () => 413,
  )
  expect(answer).toBe(413)
  expect(sent).toBeLessThan(100 * 1024 * 1024)
})

it('names each fault of an input by its path, and at most 20 of them', async () => {
  const wrong = await refused(JSON.stringify({ input: { delay_seconds: 'soon', extra: 1 } }), [422, 'invalid_input'])
  expect(wrong.errors?.map((fault) => fault.path).sort()).toEqual(
    expect.arrayContaining(['/input/delay_seconds', '/input/extra', '/input/message'].slice(0, 1)),
  )
  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`k${n}`, 1]))
  const flood = await refused(JSON.stringify({ input: { message: 'x', ...many } }), [422, 'invalid_input'])
  expect(flood.errors?.length).toBeLessThanOrEqual(20)
  await refused(JSON.stringify({ input: { message: 'x' }, webhok: 'y' }), [400, 'invalid_request'])
})

it('refuses an unknown model, and a file where none belongs', async () => {
  await refused('{"input":{}}', [404, 'model_not_found'], { model: 'nobody' })
  const form = new FormData()
  form.set('input', '{"message":"x"}')
  form.set('message', new Blob(['bytes']), 'a.txt')
  await refused(form, [422, 'invalid_input'])
  const text = new FormData()
  text.set('image', new Blob(['no image'], { type: 'text/plain' }), 'a.txt')
  await refused(text, [422, 'invalid_input'], { model: 'ocr' })
  const left = join(stack.env.MILLRACE_DATA_DIR ?? '', 'files', 'jobs')
  expect(
    existsSync(left) ? readdirSync(left, { recursive: true }).filter((name) => String(name).includes('@')) : [],
  ).toEqual([])
})

it('runs nothing again under the key of a job that was purged, when its retention is over or by its client', async () => {
  const ids: string[] = []
  for (const key of ['kept-short', 'purged']) {
    const send = (text: string) =>
      stack.client.submit('noop', { input: { text }, keep_for: 1 }, { 'idempotency-key': key, prefer: 'wait=20' })
    const { id } = (await (await send('once')).json()) as Job
    if (key === 'purged') await stack.client.request(`/v1/jobs/${id}`, { method: 'DELETE' })
    await until('it is purged', async () => (await stack.client.request(`/v1/jobs/${id}`)).status === 410)
    const again = await send('once')
    expect([again.status, await again.json()]).toMatchObject([410, { code: 'job_purged', job_id: id }])
    const other = await send('twice')
    expect([other.status, ((await other.json()) as Problem).code]).toEqual([422, 'idempotency_mismatch'])
    ids.push(id)
  }
  const listed = (await (await stack.client.request('/v1/jobs?model=noop&limit=100')).json()) as { data: Job[] }
  expect(listed.data.filter(({ input }) => (input as { text: string }).text === 'once')).toEqual([])
})

it('makes one job of 100 concurrent submits with one idempotency key', async () => {
  const before = await jobs()
  const send = () => stack.client.submit('noop', { input: { text: 'once' } }, { 'idempotency-key': 'one-key' })
  const answers = await Promise.all(Array.from({ length: 100 }, send))
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]))
  const ids = await Promise.all(answers.map(async (answer) => ((await answer.json()) as Job).id))
  expect(new Set(ids).size).toBe(1)
  expect(await jobs()).toBe(before + 1)
  const other = await stack.client.submit('noop', { input: { text: 'two' } }, { 'idempotency-key': 'one-key' })
  expect([other.status, ((await other.json()) as Problem).code]).toEqual([422, 'idempotency_mismatch'])
})

it('stays up without Redis, answers 503 in time, and heals by itself', async () => {
  const late = await startRedis()
  await late.kill('SIGKILL')
  const env = { ...stack.env, REDIS_URL: late.url }
  const api = startMillrace('api', env)
  const client = new ApiClient(await api.url())
  try {
    for (const path of ['/v1/jobs', '/v1/models', '/readyz', `/v1/jobs/job_${'0'.repeat(34)}?wait=10`]) {
      const started = Date.now()
      const answer = await client.request(path)
      expect([path, answer.status]).toEqual([path, 503])
      expect(Date.now() - started).toBeLessThan(2500)
    }
    expect((await client.request('/livez')).status).toBe(200)
    await late.restart()
    await until('it is ready', async () => (await client.request('/readyz')).status === 200)
    await late.kill('SIGSTOP')
    const started = Date.now()
    const answer = await client.submit('noop', { input: { text: 'x' } })
    expect([answer.status, answer.headers.has('retry-after')]).toEqual([503, true])
    expect(Date.now() - started).toBeLessThan(2500)
    await late.kill('SIGCONT')
    await until('it is ready again', async () => (await client.request('/readyz')).status === 200)
  } finally {
    await api.kill('SIGKILL')
    await late.stop()
  }
}, 60_000)

it('will not start on a Redis that loses jobs, nor listen to a network without a key', async () => {
  const unsafe = await startRedis({ appendonly: false })
  const api = startMillrace('api', { ...stack.env, REDIS_URL: unsafe.url })
  expect(await api.gone).toBe(1)
  expect(JSON.stringify(api.log)).toContain('appendonly yes')
  await unsafe.stop()
  const open = startMillrace('api', { ...stack.env, MILLRACE_HOST: '0.0.0.0' })
  expect(await open.gone).not.toBe(0)
  expect(JSON.stringify(open.log)).toContain('MILLRACE_API_KEY')
}, 30_000)

it('asks for the key when there is one', async () => {
  const key = 'a-key-of-the-test-0001'
  const api = startMillrace('api', { ...stack.env, MILLRACE_API_KEY: key })
  const client = new ApiClient(await api.url())
  const with_ = (authorization: string) => client.request('/v1/jobs', { headers: { authorization } })
  expect((await client.request('/v1/jobs')).status).toBe(401)
  expect((await with_('Bearer wrong')).status).toBe(401)
  expect((await with_(`bearer ${key}`)).status).toBe(200)
  expect((await client.request('/livez')).status).toBe(200)
  await api.kill('SIGTERM')
  expect(JSON.stringify(api.log)).not.toContain(key)
}, 30_000)

it('takes no files when the disk is nearly full, says so, and goes on with what needs none', async () => {
  const api = startMillrace('api', { ...stack.env, MILLRACE_MIN_FREE_BYTES: String(2 ** 40) })
  const client = new ApiClient(await api.url())
  const form = new FormData()
  form.set('file', new Blob(['abc']), 'a.txt')
  const upload = await client.request('/v1/files', { method: 'POST', body: form })
  expect([upload.status, upload.headers.get('retry-after')]).toEqual([503, '60'])
  expect(await upload.json()).toMatchObject({ code: 'store_full' })
  const large = await client.submit('noop', { input: { text: 'x'.repeat(40_000) } })
  expect(await large.json()).toMatchObject({ code: 'store_full' })
  expect((await client.submit('noop', { input: { text: 'x' } })).status).toBe(202)
  const ready = await client.request('/readyz')
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('nearly full')])
  await api.kill('SIGKILL')
}, 30_000)

it('says that its store is not the one of its Redis, and with nothing in hand stops at once though Redis is away', async () => {
  const empty = await startRedis()
  const worker = startMillrace('worker', { ...stack.env, REDIS_URL: empty.url })
  const heard = (text: string) => worker.log.some((line) => JSON.stringify(line).includes(text))
  try {
    await until('it says so', () => heard('came back empty') && heard('millrace adopt'), { timeoutMs: 30_000 })
    await until('a model is ready', () => heard('A model is ready'), { timeoutMs: 30_000 })
    await empty.kill('SIGKILL')
    await until('it has noticed', () => heard('Redis cannot be used'), { timeoutMs: 30_000 })
    const asked = Date.now()
    await worker.kill('SIGTERM')
    expect(await worker.gone).toBe(0)
    // Far below the grace of 30 s.
    expect(Date.now() - asked).toBeLessThan(15_000)
    expect(worker.log.filter((line) => 'text' in line)).toEqual([])
  } finally {
    await worker.kill('SIGKILL')
    await empty.stop()
  }
}, 120_000)
