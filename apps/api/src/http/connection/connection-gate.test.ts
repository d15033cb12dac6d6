import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { problemSchema } from '@millrace/contracts'
import { createMetrics } from '@millrace/process'
import { afterEach, expect, test } from 'vitest'
import { until } from '../../../../../test/support/until.ts'
import { createFixture } from '../../app.fixture.ts'
import { GATE_BOUNDS, type GateBounds, shareBounds } from './connection-gate.ts'
import { type ApiServer, startApiServer } from '../../start-api-server.ts'

const HOST = 'host: localhost\r\n'
const LIVE = `GET /livez HTTP/1.1\r\n${HOST}\r\n`
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function serve(bounds: Partial<GateBounds> = {}) {
  const api = await createFixture()
  const metrics = createMetrics()
  const server = await startApiServer({ ...api.deps, metrics }, { bounds })
  closers.push(
    () => api.close(),
    () => server.close(0),
  )
  return { api, server, metrics }
}

/** A connection that says this; `text` is what came back so far. Not read from when `deaf`. */
function speak(server: ApiServer, words: string, { deaf = false } = {}) {
  const heard = { text: '', closed: false, socket: connect(server.port, '127.0.0.1') as Socket }
  const { socket } = heard
  socket.on('connect', () => socket.write(words))
  socket.on('error', () => undefined)
  socket.on('close', () => (heard.closed = true))
  if (!deaf) socket.on('data', (chunk) => (heard.text += chunk))
  closers.push(() => socket.destroy())
  return heard
}

const count = (text: string, part: string): number => text.split(part).length - 1

test('thousands of requests for a large page that nobody reads cost little memory, and others are answered', async () => {
  const { server } = await serve()
  const asset = `GET /docs/swagger-ui-bundle.js HTTP/1.1\r\n${HOST}\r\n`
  const size = Number((await fetch(`${server.url}/docs/swagger-ui-bundle.js`)).headers.get('content-length'))
  const before = process.memoryUsage().rss
  const deaf = Array.from({ length: 4 }, () => speak(server, asset.repeat(1000), { deaf: true }))
  await until('all are connected and have said it', () => deaf.every(({ socket }) => socket.bytesWritten > 0))
  for (let i = 0; i < 20; i++) {
    const started = performance.now()
    expect((await fetch(`${server.url}/livez`)).status).toBe(200)
    expect(performance.now() - started).toBeLessThan(1000)
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * size)
})

test('requests that came in one packet are answered one after another, all of them, in order', async () => {
  const { server } = await serve()
  const words = Array.from(
    { length: 2000 },
    (_, i) => `GET /problems/x${i} HTTP/1.1\r\n${HOST}x-request-id: r${i}\r\n\r\n`,
  )
  const heard = speak(server, words.join(''))
  await until('the last is answered', () => heard.text.includes('x-request-id: r1999\r\n'))
  const ids = [...heard.text.matchAll(/^x-request-id: r(\d+)\r$/gm)].map(([, id]) => Number(id))
  expect(ids).toEqual(words.map((_, i) => i))
})

test('what waits behind an answer that closes its connection is not carried out', async () => {
  const { api, server } = await serve()
  const submit = `POST /v1/models/ocr/jobs HTTP/1.1\r\n${HOST}content-type: application/json\r\ncontent-length: 12\r\n\r\n{"input":{}}`
  const heard = speak(server, `GET /livez HTTP/1.1\r\n${HOST}connection: close\r\n\r\n${submit}`)
  await until('it is closed', () => heard.closed)
  expect(count(heard.text, 'HTTP/1.1 ')).toBe(1)
  const both = speak(server, `${LIVE}${submit}`)
  await until('both are answered', () => count(both.text, 'HTTP/1.1 ') === 2)
  expect(api.submitted).toHaveLength(1)
})

test('a flood of requests behind one that is in hand closes the connection', async () => {
  const { server, metrics } = await serve({ maxWaiting: 10 })
  const heard = speak(server, LIVE.repeat(500))
  await until('it is cut', () => heard.closed)
  expect(count(heard.text, 'HTTP/1.1 200')).toBeLessThan(20)
  expect(await metrics.render()).toContain('millrace_http_cut_total{why="flood"} 1')
})

test('who takes nothing of a download is cut, and what it was sent from is let go; who waits for us is not', async () => {
  const { api, server, metrics } = await serve({ stuckMs: 100 })
  const form = new FormData()
  form.set('file', new Blob(['y']), 'a.txt')
  const answer = await fetch(`${server.url}/v1/files`, { method: 'POST', body: form })
  const { id } = (await answer.json()) as { id: string }
  const endless = new Readable({ read: () => void endless.push(Buffer.alloc(65_536)) })
  api.objects.get = async () => endless
  const get = api.deps.files.get.bind(api.deps.files)
  api.deps.files.get = async (...args) => ({ ...(await get(...args)), size: 1024 ** 4 }) as never
  const submitted = await fetch(`${server.url}/v1/models/ocr/jobs`, {
    ...{ method: 'POST', body: '{"input":{}}', headers: { 'content-type': 'application/json' } },
  })
  const job = (await submitted.json()) as { id: string }
  const poll = fetch(`${server.url}/v1/jobs/${job.id}?wait=1`)
  const deaf = speak(server, `GET /v1/files/${id}/content HTTP/1.1\r\n${HOST}\r\n`, { deaf: true })
  await until('the file is let go', () => endless.destroyed)
  expect(await metrics.render()).toContain('millrace_http_cut_total{why="slow"} 1')
  expect((await poll).status).toBe(200)
  deaf.socket.destroy()
})

test('when more waits to be read than may, those who do not read go', async () => {
  const { api, server, metrics } = await serve({ maxUnsentBytes: 1_000_000 })
  const { id } = (await (
    await fetch(`${server.url}/v1/models/ocr/jobs`, {
      ...{ method: 'POST', body: '{"input":{}}', headers: { 'content-type': 'application/json' } },
    })
  ).json()) as { id: string }
  const record = api.records.get(id) as { input: unknown }
  record.input = { inline: JSON.stringify({ text: 'x'.repeat(20_000_000) }) }
  const deaf = speak(server, `GET /v1/jobs/${id} HTTP/1.1\r\n${HOST}\r\n`, { deaf: true })
  await until('it is cut', async () => {
    await (await fetch(`${server.url}/livez`)).text()
    return (await metrics.render()).includes('millrace_http_cut_total{why="unread"} 1')
  })
  deaf.socket.destroy()
})

test('at its most connections the one that idles longest makes room; where none idles, a request is refused', async () => {
  const { server } = await serve({ maxConnections: 2 })
  const idle = speak(server, LIVE)
  await until('it was answered', () => idle.text.includes('200'))
  const head = `POST /v1/models/ocr/jobs HTTP/1.1\r\n${HOST}content-type: application/json\r\ncontent-length: 9\r\n\r\n`
  const busy = [speak(server, head), speak(server, head)]
  await until('the idle one made room', () => idle.closed)
  const refused = await until('one is refused', async () => {
    const heard = speak(server, LIVE)
    await until('it is answered', () => heard.closed || heard.text.endsWith('}'))
    return heard.text.includes('503') ? heard : undefined
  })
  const [top = '', body = ''] = refused.text.split('\r\n\r\n')
  expect(problemSchema.parse(JSON.parse(body)).code).toBe('overloaded')
  expect(top).toMatch(/^retry-after: 1\r$/im)
  await until('it is closed', () => refused.closed)
  expect(busy.map(({ closed }) => closed)).toEqual([false, false])
})

test('a gate of several lets in its part, and at least one', () => {
  const half = shareBounds({ ...GATE_BOUNDS, maxConnections: 11 }, 1 / 2)
  expect(half).toEqual({ ...GATE_BOUNDS, maxConnections: 5, maxWaitingInAll: 5000, maxUnsentBytes: 64 * 1024 * 1024 })
  expect(shareBounds({ ...GATE_BOUNDS, maxConnections: 1 }, 1 / 8).maxConnections).toBe(1)
})

test('far above the bound, connections are not even heard', async () => {
  const { server } = await serve({ maxConnections: 2 })
  const type = 'content-type: application/json\r\ncontent-length: 9\r\nexpect: 100-continue\r\n'
  const head = `POST /v1/models/ocr/jobs HTTP/1.1\r\n${HOST}${type}\r\n`
  const held = [speak(server, head), speak(server, head)]
  await until('both are busy', () => held.every(({ text }) => text.includes('100 Continue')))
  const more = Array.from({ length: 20 }, () => speak(server, LIVE))
  await until('all of them are over', () => more.every(({ text, closed }) => text.includes('503') || closed))
  expect(more.some(({ text }) => text === '')).toBe(true)
  expect(held.map(({ closed }) => closed)).toEqual([false, false])
})
