import type { IncomingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { createAddressGuard } from '../guard/address-guard.ts'
import { createDeliverer, type Deliverer, type DelivererOptions, type Delivery } from './create-deliverer.ts'
import { createWebhookSecret } from './sign-webhook.ts'
import {
  drip,
  readBody,
  startHttpServer,
  startHttpsServer,
  startTcpServer,
  trusting,
} from '../requests/test-servers.fixture.ts'

const secret = createWebhookSecret()
const open = new Set<Deliverer>()

afterEach(async () => {
  await Promise.all([...open].map((deliverer) => deliverer.close()))
  open.clear()
})

const brief = { limits: { totalMs: 200 } }

/** A deliverer that may reach servers on this machine. */
function setUp(options: Partial<DelivererOptions> = {}) {
  const deliverer = createDeliverer({
    guard: createAddressGuard({ allowHosts: ['127.0.0.1'] }),
    ...options,
    limits: { answerMs: 100, ...options.limits },
  })
  open.add(deliverer)
  const send = (url: string, more: Partial<Delivery> = {}) =>
    deliverer.deliver({
      tenant: 'anna',
      url,
      id: 'evt_1',
      body: '{"type":"job.succeeded"}',
      secrets: [secret],
      ...more,
    })
  return { deliverer, send }
}

const answering = (status: number, headers: Record<string, string> = {}) =>
  startHttpServer((_, response) => response.writeHead(status, headers).end('ok'))

/** A server that answers every request with these bytes and then calls `then`. */
const speaking = (bytes: string, then: Parameters<typeof startTcpServer>[0] = () => undefined) =>
  startTcpServer((socket) =>
    socket.once('data', () => {
      socket.write(bytes)
      then(socket)
    }),
  )

describe('a delivery', () => {
  it('posts the body as it is, signed by each secret at the time of the try, and asks for nothing compressed', async () => {
    const seen: { body: string; headers: IncomingHttpHeaders; method?: string }[] = []
    const server = await startHttpServer((request, response) => {
      void readBody(request).then((body) => {
        seen.push({ body, headers: request.headers, method: request.method })
        response.writeHead(204).end()
      })
    })
    const older = createWebhookSecret()
    let time = Date.now() - 60_000
    const { send } = setUp({ now: () => time })
    expect(await send(`${server.url}/hook?x=1`, { secrets: [secret, older] })).toEqual({
      outcome: 'delivered',
      status: 204,
    })
    time += 30_000
    await send(`${server.url}/hook?x=1`, { secrets: [secret, older] })
    for (const { body, headers, method } of seen) {
      const signed = headers as Record<string, string>
      expect(new Webhook(secret).verify(body, signed)).toEqual(new Webhook(older).verify(body, signed))
      expect([method, body, headers['webhook-id']]).toEqual(['POST', '{"type":"job.succeeded"}', 'evt_1'])
      expect([headers['content-type'], headers['accept-encoding']]).toEqual(['application/json', 'identity'])
      expect(headers['user-agent']).toMatch(/^Millrace/)
    }
    const stamps = seen.map(({ headers }) => Number(headers['webhook-timestamp']))
    expect((stamps[1] ?? 0) - (stamps[0] ?? 0)).toBe(30)
  })

  it('goes over https to a certificate that is trusted, and to no other', async () => {
    const server = await startHttpsServer((_, response) => response.end())
    const url = (host: string) => `https://${host}:${server.port}/`
    const { send } = setUp({ guard: createAddressGuard(trusting) })
    expect(await send(url('secure.test'))).toEqual({ outcome: 'delivered', status: 200 })
    const refused = { outcome: 'failed', status: null, error: 'tls_failed' }
    expect(await send(url('other.test'))).toEqual(refused)
    expect(await setUp().send(url('127.0.0.1'))).toEqual(refused)
  })

  it.each([200, 201, 202, 204, 299])('is done with status %i', async (status) => {
    const server = await startHttpServer((_, response) => response.writeHead(status).end())
    expect(await setUp().send(server.url)).toEqual({ outcome: 'delivered', status })
  })

  it.each([
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 100 Continue\r\nserver: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
  ])('is done with the final status, whatever came before it', async (interim) => {
    const server = await speaking(`${interim}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`)
    expect(await setUp().send(server.url)).toEqual({ outcome: 'delivered', status: 200 })
    const endless = await speaking(interim.repeat(1000))
    expect(await setUp().send(endless.url)).toMatchObject({ outcome: 'failed', error: 'invalid_answer' })
  })

  it.each([400, 401, 404, 429, 500, 502, 503])('is a failed try with status %i', async (status) => {
    const server = await answering(status)
    expect(await setUp().send(server.url)).toEqual({ outcome: 'failed', status, error: 'bad_status' })
  })

  it('is over for good with 410', async () => {
    const server = await answering(410)
    expect(await setUp().send(server.url)).toEqual({ outcome: 'gone', status: 410 })
  })

  it('hands on what Retry-After asks for, in seconds or as a date', async () => {
    const now = Date.UTC(2026, 0, 1)
    for (const asked of ['90', new Date(now + 90_000).toUTCString()]) {
      const server = await answering(503, { 'retry-after': asked })
      const result = await setUp({ now: () => now }).send(server.url)
      expect(result).toEqual({ outcome: 'failed', status: 503, error: 'bad_status', retryAfterSeconds: 90 })
    }
  })

  it.each([301, 302, 303, 307, 308])('does not follow a redirect (%i), wherever it leads', async (status) => {
    const secretService = await answering(200)
    const server = await answering(status, { location: secretService.url })
    expect(await setUp().send(server.url)).toEqual({ outcome: 'failed', status, error: 'redirected' })
    expect(secretService.connections()).toBe(0)
  })

  it('is not sent to an address that is not allowed, by number or by name', async () => {
    const server = await answering(200)
    const guard = createAddressGuard({
      ports: [server.port],
      allowHttp: true,
      lookup: (_name, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    const { send } = setUp({ guard })
    for (const host of ['127.0.0.1', 'looks-public.example', '[::ffff:7f00:1]']) {
      const refused = { outcome: 'failed', status: null, error: 'address_not_allowed' }
      expect(await send(`http://${host}:${server.port}/`), host).toEqual(refused)
    }
    expect(server.connections()).toBe(0)
  })
})

describe('a receiver that misbehaves', () => {
  const failed = (error: string) => ({ outcome: 'failed', status: null, error })
  const OK = 'HTTP/1.1 200 OK\r\n'

  it('is unreachable when nothing listens', async () => {
    expect(await setUp().send('http://127.0.0.1:1/')).toEqual(failed('unreachable'))
  })

  it('has lost the connection when it resets or closes it without an answer', async () => {
    const resetting = await startTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const closing = await startTcpServer((socket) => socket.once('data', () => socket.destroy()))
    expect(await setUp().send(resetting.url)).toEqual(failed('connection_lost'))
    expect(await setUp().send(closing.url)).toEqual(failed('connection_lost'))
  })

  it('has failed when it accepts and then says nothing, or stops within its headers', async () => {
    const silent = await startTcpServer(() => undefined)
    const stopping = await speaking(`${OK}content-le`)
    expect(await setUp(brief).send(silent.url)).toEqual(failed('timeout'))
    expect(await setUp(brief).send(stopping.url)).toEqual(failed('timeout'))
  })

  it('has failed when it drips its headers for longer than a try may take', async () => {
    const server = await speaking(`${OK}x-slow: `, (socket) => drip(socket, 10))
    expect(await setUp(brief).send(server.url)).toEqual(failed('timeout'))
  })

  it('has failed when its headers are larger than 16 KB', async () => {
    const server = await speaking(`${OK}x-large: ${'x'.repeat(1024 * 1024)}\r\n\r\n`)
    expect(await setUp().send(server.url)).toEqual(failed('invalid_answer'))
  })

  it('has failed when it does not speak HTTP', async () => {
    const server = await speaking('220 mail.example.com ESMTP\r\n')
    expect(await setUp().send(server.url)).toEqual(failed('invalid_answer'))
  })

  it('has failed when it does not speak TLS where it should', async () => {
    const server = await answering(200)
    expect(await setUp().send(server.url.replace('http:', 'https:'))).toEqual(failed('tls_failed'))
  })

  it('has said yes with its status, though the body hangs, drips or breaks', async () => {
    const hanging = await speaking(`${OK}content-length: 100\r\n\r\nabc`)
    const dripping = await speaking(`${OK}content-length: 100000\r\n\r\n`, (socket) => drip(socket, 10))
    const breaking = await speaking(`${OK}content-length: 100\r\n\r\nabc`, (socket) => socket.resetAndDestroy())
    const { send } = setUp()
    for (const server of [hanging, dripping, breaking]) {
      expect(await send(server.url)).toEqual({ outcome: 'delivered', status: 200 })
    }
  })

  it('is cut off after 64 KB of a body that would be 10 GB', async () => {
    let written = 0
    let closed = false
    const piece = Buffer.alloc(64 * 1024)
    const server = await startHttpServer((_, response) => {
      response.writeHead(200, { 'content-length': String(10 * 1024 ** 3) })
      const pump = () => {
        do written += piece.length
        while (response.write(piece) && written < 1024 ** 3)
      }
      response.on('drain', pump).on('close', () => {
        closed = true
      })
      pump()
    })
    const { send } = setUp({ limits: { answerMs: 10_000 } })
    expect(await send(server.url)).toEqual({ outcome: 'delivered', status: 200 })
    await until('the connection is cut', () => closed)
    expect(written).toBeLessThan(32 * 1024 * 1024)
  })

  it('cannot make a small answer large by compression', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024), { level: 1 })
    const server = await startHttpServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': String(bomb.length) }).end(bomb),
    )
    const before = process.memoryUsage().rss
    const { send } = setUp({ limits: { answerMs: 10_000 } })
    expect(await send(server.url)).toEqual({ outcome: 'delivered', status: 200 })
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  })
})

describe('what runs at once', () => {
  it('lets a host that hangs hold four places and delay nobody else', async () => {
    let asked = 0
    const dead = await startHttpServer(() => void asked++)
    const alive = await answering(200)
    const { send } = setUp({ limits: { totalMs: 60_000 }, random: () => 0 })
    const stop = new AbortController()
    const hanging = Array.from({ length: 4 }, () => send(dead.url, { signal: stop.signal }))
    await until('four tries hang', () => asked === 4)
    expect(await send(dead.url)).toEqual({ outcome: 'deferred', reason: 'host_busy', retryInMs: 1000 })
    for (let n = 0; n < 50; n++) expect(await send(alive.url)).toEqual({ outcome: 'delivered', status: 200 })
    expect(asked).toBe(4)
    stop.abort()
    await Promise.allSettled(hanging)
  })

  it('bounds the tries of all hosts together', async () => {
    let asked = 0
    const dead = await Promise.all([1, 2, 3].map(() => startHttpServer(() => void asked++)))
    const { send } = setUp({ limits: { totalMs: 60_000, inAll: 2 } })
    const stop = new AbortController()
    const hanging = dead.slice(0, 2).map(({ url }, n) => send(url, { signal: stop.signal, tenant: `tenant${n}` }))
    await until('two tries hang', () => asked === 2)
    expect(await send(dead[2]!.url)).toMatchObject({ outcome: 'deferred', reason: 'host_busy' })
    stop.abort(new Error('shutdown'))
    await expect(hanging[0]).rejects.toThrow('shutdown')
    await expect(hanging[1]).rejects.toThrow('shutdown')
    const next = new AbortController()
    const third = send(dead[2]!.url, { signal: next.signal })
    await until('the place is free again', () => asked === 3)
    next.abort(new Error('over'))
    await expect(third).rejects.toThrow('over')
  })

  it('leaves an endpoint alone after five straight failures, then probes it once', async () => {
    let status = 500
    let asked = 0
    const server = await startHttpServer((_, response) => {
      asked++
      response.writeHead(status).end()
    })
    let time = 0
    const { send } = setUp({ now: () => time, random: () => 0 })
    for (let n = 0; n < 5; n++) expect(await send(`${server.url}/a?n=${n}`)).toMatchObject({ outcome: 'failed' })
    const deferred = { outcome: 'deferred', reason: 'circuit_open', retryInMs: 10_000 }
    expect(await send(`${server.url}/a`)).toEqual(deferred)
    expect(asked).toBe(5)
    expect(await send(`${server.url}/b`)).toMatchObject({ outcome: 'failed' })
    time = 10_000
    status = 200
    expect(await send(`${server.url}/a`)).toMatchObject({ outcome: 'delivered' })
    expect(await send(`${server.url}/a`)).toMatchObject({ outcome: 'delivered' })
    expect(asked).toBe(8)
  })

  it('holds what a receiver answers to one tenant against nobody else who names the same address', async () => {
    const server = await startHttpServer((request, response) => {
      response.writeHead(request.headers['webhook-id'] === 'evt_2' ? 200 : 400).end()
    })
    const { send } = setUp()
    for (let n = 0; n < 5; n++) expect(await send(server.url)).toMatchObject({ status: 400 })
    expect(await send(server.url)).toMatchObject({ reason: 'circuit_open' })
    expect(await send(server.url, { tenant: 'bert', id: 'evt_2' })).toMatchObject({ outcome: 'delivered' })
    expect(await send(server.url, { insist: true })).toMatchObject({ status: 400 })
  })

  it('takes a try that was stopped neither for a failure nor for a probe', async () => {
    let hangs = false
    let asked = 0
    const server = await startHttpServer((_, response) => {
      asked++
      if (!hangs) response.writeHead(500).end()
    })
    let time = 0
    const { send } = setUp({ now: () => time })
    for (let n = 0; n < 5; n++) await send(server.url)
    time = 10_000
    for (hangs = true; asked < 8; ) {
      const before = asked
      const stop = new AbortController()
      const probe = send(server.url, { signal: stop.signal })
      await until('the probe hangs', () => asked > before)
      stop.abort(new Error('stopped'))
      await expect(probe).rejects.toThrow('stopped')
    }
  })

  it('rejects with the reason of the signal, without sending when it is aborted before', async () => {
    const server = await answering(200)
    const { send } = setUp()
    await expect(send(server.url, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped')
    expect(server.connections()).toBe(0)
  })

  it('rejects a secret that cannot be used, and sends nothing', async () => {
    const server = await answering(200)
    await expect(setUp().send(server.url, { secrets: ['weak'] })).rejects.toThrow(TypeError)
    expect(server.connections()).toBe(0)
  })

  it('closes when the tries in flight are over', async () => {
    let finish: (() => void) | undefined
    const server = await startHttpServer((_, response) => {
      finish = () => response.end()
    })
    const { deliverer, send } = setUp({ limits: { totalMs: 60_000 } })
    const sending = send(server.url)
    await until('it is asked', () => finish)
    const closing = deliverer.close()
    finish?.()
    expect(await sending).toEqual({ outcome: 'delivered', status: 200 })
    await closing
    open.delete(deliverer)
  })
})
