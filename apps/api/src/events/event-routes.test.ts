import { connect } from 'node:net'
import { type Job, streamedEventSchema } from '@millrace/contracts'
import { createMetrics } from '@millrace/process'
import type { Hold, Queue } from '@millrace/queue'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  type EventReader,
  readEvents,
  type ReadEvent,
  type ReadOptions,
} from '../../../../test/support/event-reader.ts'
import { newJob, openTestQueue } from '../../../../test/support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../../../test/support/servers/redis-server.ts'
import { until } from '../../../../test/support/until.ts'
import type { ApiDeps } from '../http/api-deps.ts'
import { createFixture, testManifest } from '../app.fixture.ts'
import { type ApiServer, startApiServer } from '../start-api-server.ts'
import { eventsOf, recordOf } from '../../../../test/support/record-and-events.ts'
import { holdJob, ownLine } from '../../../../test/support/take-jobs.ts'

/** Event streams over real HTTP and a real Redis; the worker's part is played by its own calls to the job store. */

const KEY = 'a key of sixteen+'.replaceAll(' ', '-')
let redis: TestRedis
let queue: Queue
let api: Queue
const closing: (() => Promise<unknown> | void)[] = []

beforeAll(async () => {
  // What Redis has acknowledged must survive its being killed: what is tested here is what comes after.
  redis = await startRedis({ extraArgs: ['--appendfsync', 'always'] })
  queue = openTestQueue(redis.url)
  await queue.models.publish(testManifest, 'w_test')
})
afterAll(async () => {
  await queue.close()
  await redis.stop()
})
beforeEach(async () => {
  api = openTestQueue(redis.url, { role: 'api' })
  closing.push(() => api.close())
  // It refuses at once what is asked before its connection stands, and whoever watched then would see nothing.
  const answers = () => api.models.get('ocr').then(Boolean, () => false)
  await until('Redis answers', answers, { everyMs: 2 })
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function startServer(config: Partial<ApiDeps['config']> = {}, more: Partial<ApiDeps> = {}): Promise<ApiServer> {
  const { jobs, changes, models } = api
  const fixture = await createFixture({ jobs, changes, models, metrics: createMetrics(), ...more })
  const deps = { ...fixture.deps, metrics: createMetrics() }
  const server = await startApiServer({ ...deps, config: { ...deps.config, ...config } })
  closing.push(() => fixture.close())
  closing.push(() => server.close(0))
  return server
}

async function submitted(model = 'ocr'): Promise<string> {
  const job = newJob({ model, line: ownLine() })
  await queue.jobs.submit(job)
  return job.id
}

const claimed = async (id: string): Promise<Hold> => holdJob(queue, await recordOf(queue, id))

const line = (message: string) => ({ type: 'log', level: 'info', message }) as const
const succeed = (hold: Hold) =>
  queue.attempts.succeed(hold, { output: { value: { inline: '{"text":"ok"}' }, files: [] }, runSeconds: 1 })

async function watch(
  server: ApiServer,
  id: string,
  options: ReadOptions & { query?: string } = {},
): Promise<EventReader> {
  const reader = await readEvents(`${server.url}/v1/jobs/${id}/events${options.query ?? ''}`, options)
  closing.push(() => reader.cut())
  return reader
}

const names = (events: ReadEvent[]) => events.map(({ type, data }) => (type === 'status' ? data.status : type))
const ended = (reader: EventReader) => until('the stream ends', () => reader.events.at(-1)?.type === 'done')

it('tells the history first and then what happens, in order, and ends with the job', async () => {
  const server = await startServer()
  const id = await submitted()
  const hold = await claimed(id)
  await queue.attempts.append(hold, [line('one'), { type: 'output', chunk: { n: 1 } }], 1)
  const reader = await watch(server, id)
  await until('the history is there', () => reader.events.length === 4)
  await queue.attempts.beat(hold, { fraction: 0.5, message: 'half' })
  await queue.attempts.append(hold, [line('two\nlines')], 3)
  await succeed(hold)
  await ended(reader)
  expect(names(reader.events)).toEqual(['queued', 'running', 'log', 'output', 'progress', 'log', 'succeeded', 'done'])
  expect(reader.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
  const done = reader.events.at(-1)
  expect(done?.data).toEqual(await (await fetch(`${server.url}/v1/jobs/${id}`)).json())
  expect(await reader.closed).toBe('end')
  const late = await watch(server, id)
  await ended(late)
  const withoutRetry = (text: string) => text.replace(/^retry: (\d+)$/m, '')
  expect(withoutRetry(late.text())).toBe(withoutRetry(reader.text()))
})

it('gives the same as lines of JSON, each of the documented shape', async () => {
  const server = await startServer()
  const id = await submitted()
  const hold = await claimed(id)
  await queue.attempts.append(hold, [line('one'), { type: 'output', chunk: [1] }], 1)
  await queue.attempts.beat(hold, { fraction: 0.25, message: null })
  await succeed(hold)
  const [sse, lines] = [
    await watch(server, id),
    await watch(server, id, { headers: { accept: 'application/x-ndjson' } }),
  ]
  await Promise.all([ended(sse), ended(lines)])
  expect(lines.headers['content-type']).toBe('application/x-ndjson')
  for (const { data } of lines.events) expect(streamedEventSchema.safeParse(data).error).toBeUndefined()
  expect(lines.events.map(({ id: at, type }) => [at, type])).toEqual(sse.events.map(({ id: at, type }) => [at, type]))
  expect(lines.events.slice(0, -1)).toEqual(sse.events.slice(0, -1))
  expect((lines.events.at(-1)?.data as { job?: Job } | undefined)?.job).toEqual(sse.events.at(-1)?.data)
})

/** Follows a job through cuts at random moments, each time behind the last id that it saw. */
async function watchThroughCuts(server: ApiServer, id: string, random: () => number): Promise<ReadEvent[]> {
  const seen: ReadEvent[] = []
  while (seen.at(-1)?.type !== 'done') {
    let left = Math.floor(random() * 12)
    const last = seen.findLast((event) => event.id !== undefined)?.id
    const asked =
      last === undefined ? {} : random() < 0.5 ? { headers: { 'last-event-id': last } } : { query: `?after=${last}` }
    const reader = await watch(server, id, {
      ...asked,
      onEvent: (event, self) => {
        if (event.type !== 'bye') seen.push(event)
        left -= 1
        if (left < 0) self.cut()
      },
    })
    await reader.closed
  }
  return seen
}

it('shows each event once and in order to watchers that are cut off again and again while it goes on', async () => {
  const server = await startServer({ maxTenantStreams: 500 })
  const id = await submitted()
  const watchers = Array.from({ length: 12 }, () => watchThroughCuts(server, id, Math.random))
  const hold = await claimed(id)
  for (let n = 0; n < 250; n += 1) {
    await queue.attempts.append(hold, [line(`line ${n}`)], n + 1)
    if (n % 10 === 0) await queue.attempts.beat(hold, { fraction: n / 250, message: null })
  }
  await succeed(hold)
  const expected = (await eventsOf(queue, id)).map((logged) => logged.id)
  for (const seen of await Promise.all(watchers)) {
    expect(seen.slice(0, -1).map((event) => event.id)).toEqual(expected)
    expect(seen.at(-1)?.data).toMatchObject({ id, status: 'succeeded' })
  }
}, 60_000)

it('loses and doubles nothing when Redis is killed and started again in mid-stream', async () => {
  const server = await startServer()
  const id = await submitted()
  const hold = await claimed(id)
  const readers = [await watch(server, id), await watch(server, id)]
  const produce = (async () => {
    for (let n = 0; n < 300; n += 1) await queue.attempts.append(hold, [line(`line ${n}`)], n + 1).catch(() => (n -= 1))
    await succeed(hold)
  })()
  for (const at of [40, 100, 160, 220]) {
    await until(`${at} are seen`, () => (readers[0]?.events.length ?? 0) > at)
    await redis.kill('SIGKILL')
    await redis.restart()
  }
  await produce
  for (const reader of readers) {
    await until('it ends', () => reader.events.at(-1)?.type === 'done', { timeoutMs: 20_000 })
    expect(reader.events.flatMap(({ data }) => (data.type === 'log' ? [data.message] : []))).toEqual(
      Array.from({ length: 300 }, (_, n) => `line ${n}`),
    )
  }
}, 60_000)

it('begins with the job when asked for the latest, and tells only what comes after it', async () => {
  const server = await startServer()
  const id = await submitted()
  const hold = await claimed(id)
  await queue.attempts.append(hold, [line('old')], 1)
  const reader = await watch(server, id, { query: '?after=latest' })
  await until('the job is there', () => reader.events.length === 1)
  await queue.attempts.append(hold, [line('new')], 2)
  await succeed(hold)
  await ended(reader)
  expect(names(reader.events)).toEqual(['job', 'log', 'succeeded', 'done'])
  expect(reader.events[0]?.data).toMatchObject({ id, status: 'running' })
  expect(reader.events[0]?.id).toBe((await eventsOf(queue, id))[2]?.id)
})

it('says that the beginning is no longer kept, to a late comer and to who comes back to it', async () => {
  const server = await startServer()
  const id = await submitted()
  const hold = await claimed(id)
  const [first] = await eventsOf(queue, id)
  for (let n = 0; n < 15; n += 1) {
    await queue.attempts.append(
      hold,
      Array.from({ length: 100 }, (_, i) => line(`${n * 100 + i}`)),
      n * 100 + 1,
    )
  }
  const kept = await eventsOf(queue, id, '', 2000)
  expect(kept.length).toBeLessThan(1300)
  await succeed(hold)
  const [late, back, near] = [
    await watch(server, id),
    await watch(server, id, { query: `?after=${first?.id}` }),
    await watch(server, id, { query: `?after=${kept[5]?.id}` }),
  ]
  for (const reader of [late, back, near]) await ended(reader)
  expect(late.events[0]).toMatchObject({ type: 'gap', id: undefined, data: { after: '' } })
  expect(back.events[0]).toMatchObject({ type: 'gap', data: { after: first?.id } })
  expect(late.events[1]?.id).toBe(kept[0]?.id)
  expect(names(near.events)).not.toContain('gap')
  for (const reader of [late, back, near])
    expect(names(reader.events).filter((name) => name === 'gap').length).toBeLessThan(2)
})

it('has nothing more to tell to who has seen the end, until the job is run again', async () => {
  const server = await startServer()
  const id = await submitted()
  await queue.attempts.fail(await claimed(id), {
    blame: 'final',
    error: { code: 'model_error', message: 'no', retryable: true },
  })
  const reader = await watch(server, id)
  await ended(reader)
  const last = reader.events.at(-1)?.id ?? ''
  expect((await watch(server, id, { headers: { 'last-event-id': last } })).status).toBe(204)
  await queue.jobs.rerun(id, 'default')
  const again = await watch(server, id, { headers: { 'last-event-id': last } })
  await succeed(await claimed(id))
  await ended(again)
  expect(names(again.events)).toEqual(['queued', 'running', 'succeeded', 'done'])
  const whole = await watch(server, id)
  await ended(whole)
  expect(names(whole.events)).toEqual(['queued', 'running', 'failed', 'queued', 'running', 'succeeded', 'done'])
})

it('ends when the job is purged meanwhile, and then says that it was', async () => {
  const server = await startServer()
  const id = await submitted()
  const reader = await watch(server, id)
  await until('the history is there', () => reader.events.length === 1)
  await queue.jobs.cancel(id, 'default')
  await ended(reader)
  const other = await submitted()
  const purged = await watch(server, other)
  await until('the history is there', () => purged.events.length === 1)
  await queue.jobs.purge(other, 'default')
  expect(await purged.closed).toBe('end')
  expect(purged.events.at(-1)).toMatchObject({ type: 'bye', data: { reason: 'erased' } })
  expect((await watch(server, other)).status).toBe(410)
})

it("answers 404 for another tenant's job, and 400 for what is no id of an event", async () => {
  const server = await startServer()
  const job = newJob({ model: 'ocr', tenant: 'bert' })
  await queue.jobs.submit(job)
  expect((await watch(server, job.id)).status).toBe(404)
  expect((await watch(server, job.id, { query: '?after=latest' })).status).toBe(404)
  const own = await submitted()
  expect((await watch(server, own, { query: '?after=x' })).status).toBe(400)
})

it('is open by its signed address for a while, and by no altered one', async () => {
  const server = await startServer({ apiKey: KEY })
  const id = await submitted()
  const headers = { authorization: `Bearer ${KEY}` }
  const job = (await (await fetch(`${server.url}/v1/jobs/${id}`, { headers })).json()) as Job
  expect((await watch(server, id)).status).toBe(401)
  expect((await watch(server, id, { headers })).status).toBe(200)
  const signed = await readEvents(job.urls.events)
  closing.push(() => signed.cut())
  expect([signed.status, signed.headers['access-control-allow-origin']]).toEqual([200, '*'])
  await queue.jobs.cancel(id, 'default')
  await ended(signed)
  const shown = (signed.events.at(-1)?.data as unknown as Job | undefined)?.urls.events
  expect(shown).toBe(job.urls.events)

  const other = await submitted()
  const altered = [
    job.urls.events.replace(id, other),
    job.urls.events.replace(/expires=\d+/, (text) => `${text.slice(0, -1)}${(Number(text.at(-1)) + 1) % 10}`),
    job.urls.events.replace(/.$/, ''),
    `${server.url}/v1/jobs/${id}/events?expires=1&signature=${new URL(job.urls.events).searchParams.get('signature')}`,
  ]
  for (const url of altered) expect((await readEvents(url)).status).toBe(403)
})

it('holds no more streams open than it may, for a tenant and in all, and takes others when some have gone', async () => {
  for (const [config, status, code] of [
    [{ maxTenantStreams: 2 }, 429, 'too_many_streams'],
    [{ maxStreams: 2 }, 503, 'streams_full'],
  ] as const) {
    const server = await startServer(config)
    const id = await submitted()
    const [one] = [await watch(server, id), await watch(server, id)]
    const refused = await fetch(`${server.url}/v1/jobs/${id}/events`)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([status, '10'])
    expect(await refused.json()).toMatchObject({ code })
    const before = (await queue.jobs.list({ tenant: 'default', limit: 100 })).records.length
    const post = await submit(server, { accept: 'text/event-stream' })
    post.cut()
    expect([post.status, (await queue.jobs.list({ tenant: 'default', limit: 100 })).records.length]).toEqual([
      status,
      before,
    ])
    one?.cut()
    await until('there is a place again', async () => (await watch(server, id)).status === 200)
  }
})

it('gives each signed address places of its own, so that who has one takes none of the tenant', async () => {
  const server = await startServer({ apiKey: KEY, maxTenantStreams: 1, maxLinkStreams: 2 })
  const headers = { authorization: `Bearer ${KEY}` }
  const [id, other] = [await submitted(), await submitted()]
  const linkOf = async (job: string) =>
    ((await (await fetch(`${server.url}/v1/jobs/${job}`, { headers })).json()) as Job).urls.events
  const open = async (url: string) => {
    const stream = await readEvents(url)
    closing.push(() => stream.cut())
    return stream.status
  }
  const link = await linkOf(id)
  expect([await open(link), await open(link), await open(link)]).toEqual([200, 200, 429])
  expect(await open(await linkOf(other))).toBe(200)
  expect((await watch(server, id, { headers })).status).toBe(200)
})

function submit(server: ApiServer, headers: Record<string, string>): Promise<EventReader> {
  const sent = { 'content-type': 'application/json', ...headers }
  return readEvents(`${server.url}/v1/models/ocr/jobs`, {
    method: 'POST',
    body: '{"input":{"text":"x"}}',
    headers: sent,
  })
}

it.each(['text/event-stream', 'application/x-ndjson'])('submits and follows in one call as %s', async (accept) => {
  const server = await startServer()
  const headers = { accept, 'idempotency-key': `stream-${accept}` }
  const first = await submit(server, headers)
  await until('the job is there', () => first.events.length === 2)
  const location = first.headers.location ?? ''
  const id = location.split('/').at(-1) ?? ''
  expect([first.status, first.headers['content-type']]).toEqual([200, accept])
  const second = await submit(server, headers)
  expect(second.headers).toMatchObject({ location, 'idempotency-replayed': 'true' })
  await succeed(await claimed(id))
  for (const reader of [first, second]) {
    await ended(reader)
    expect(names(reader.events)).toEqual(['job', 'queued', 'running', 'succeeded', 'done'])
    const { data } = reader.events[0] as ReadEvent
    expect(accept === 'text/event-stream' ? data : (data as { job?: unknown }).job).toMatchObject({ id })
  }
})

it('drops a watcher that does not read, while the others go on', async () => {
  const server = await startServer({}, { streamPace: { stuckMs: 300, tickMs: 50 } })
  const id = await submitted()
  const hold = await claimed(id)
  let dropped = false
  const socket = connect(server.port, '127.0.0.1', () =>
    socket.write(`GET /v1/jobs/${id}/events HTTP/1.1\r\nhost: localhost\r\n\r\n`),
  )
  socket.pause()
  closing.push(() => void socket.destroy())
  socket.on('error', () => undefined)
  const reader = await watch(server, id)
  const open = async () =>
    Number(/^millrace_event_streams (\d+)/m.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1])
  await until('both watch', async () => (await open()) === 2)
  const chunk = 'x'.repeat(30_000)
  const outputs = () => reader.events.filter(({ type }) => type === 'output').length
  let n = 0
  for (; n < 800 && !dropped; n += 10) {
    // Further behind than the log is kept, it would miss some.
    await until('who reads has all of it', () => outputs() === n)
    await queue.attempts.append(
      hold,
      Array.from({ length: 10 }, (_, i) => ({ type: 'output', chunk: `${n + i}${chunk}` }) as const),
      n + 1,
    )
    dropped = (await open()) === 1
  }
  await until('it is dropped', async () => (await open()) === 1)
  await succeed(hold)
  await ended(reader)
  expect(outputs()).toBe(n)
  expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(/streams_ended_total\{end="slow"\} 1/)
}, 60_000)

it('writes comments while nothing happens, and ends in time with a goodbye from which to go on', async () => {
  const server = await startServer({ streamSeconds: 1 }, { streamPace: { heartbeatMs: 100, tickMs: 20 } })
  const id = await submitted()
  const [reader, lines] = [
    await watch(server, id),
    await watch(server, id, { headers: { accept: 'application/x-ndjson' } }),
  ]
  expect(await Promise.all([reader.closed, lines.closed])).toEqual(['end', 'end'])
  expect(reader.text().split('\n:\n').length).toBeGreaterThan(3)
  expect(lines.text()).toMatch(/\n\n\n/)
  for (const one of [reader, lines]) expect(one.events.at(-1)).toMatchObject({ type: 'bye', data: { reason: 'time' } })
  const next = await watch(server, id, { headers: { 'last-event-id': reader.events[0]?.id ?? '' } })
  await queue.jobs.cancel(id, 'default')
  await ended(next)
  expect(names(next.events)).toEqual(['canceled', 'done'])
})

it('says goodbye when the server closes, which takes no longer for it', async () => {
  const server = await startServer()
  const id = await submitted()
  const readers = await Promise.all(Array.from({ length: 20 }, () => watch(server, id)))
  await until('all have the history', () => readers.every(({ events }) => events.length === 1))
  const started = performance.now()
  await server.close()
  expect(performance.now() - started).toBeLessThan(2000)
  for (const reader of readers) {
    expect(await reader.closed).toBe('end')
    expect(reader.events.at(-1)).toMatchObject({ type: 'bye', data: { reason: 'closing' } })
  }
})
