import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { createAddressGuard } from '../guard/address-guard.ts'
import { createGuardedFetcher, type FetchLimits, type GuardedFetcher } from './create-guarded-fetcher.ts'
import { GuardedFetchError } from './guarded-fetch-error.ts'
import { drip, startHttpServer, startHttpsServer, startTcpServer, trusting } from './test-servers.fixture.ts'

const open = new Set<GuardedFetcher>()

afterEach(async () => {
  await Promise.all([...open].map((fetcher) => fetcher.close()))
  open.clear()
})

function setUp(limits: Partial<FetchLimits> = {}, allowHosts = ['127.0.0.1']) {
  const fetcher = createGuardedFetcher({ guard: createAddressGuard({ allowHosts }), limits })
  open.add(fetcher)
  return fetcher.fetch
}

const serving = (body: string | Buffer, headers: Record<string, string> = {}, status = 200) =>
  startHttpServer((_, response) => response.writeHead(status, headers).end(body))

const speaking = (bytes: string, then: Parameters<typeof startTcpServer>[0] = () => undefined) =>
  startTcpServer((socket) =>
    socket.once('data', () => {
      socket.write(bytes)
      then(socket)
    }),
  )

const refusal = (code: string) => expect.objectContaining({ name: 'GuardedFetchError', code })
const read = async (fetched: Promise<{ body: Readable }>) => buffer((await fetched).body)

describe('a guarded fetch', () => {
  it('streams the bytes and tells what the server says of them', async () => {
    const seen: Parameters<RequestListener>[0]['headers'][] = []
    const bytes = Buffer.alloc(3_000_000, 'abc')
    const server = await startHttpServer((request, response) => {
      seen.push(request.headers)
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': String(bytes.length) }).end(bytes)
    })
    const fetched = await setUp()(`${server.url}/a.png?x=1#part`)
    expect({ ...fetched, body: undefined }).toEqual({
      url: `${server.url}/a.png?x=1`,
      contentType: 'image/png',
      size: bytes.length,
      body: undefined,
    })
    expect((await buffer(fetched.body)).equals(bytes)).toBe(true)
    expect(seen[0]?.['accept-encoding']).toBe('identity')
  })

  it('does not read ahead of its reader', async () => {
    let written = 0
    const piece = Buffer.alloc(64 * 1024)
    const server = await startHttpServer((_, response) => {
      const pump = () => {
        do written += piece.length
        while (response.write(piece) && written < 1024 ** 3)
      }
      response.on('drain', pump)
      pump()
    })
    const { body } = await setUp()(server.url)
    let before = -1
    await until('the server has to wait', () => before === (before = written), { everyMs: 200 })
    expect(written).toBeLessThan(64 * 1024 * 1024)
    body.destroy()
  })

  it('refuses what the guard refuses, and does not connect', async () => {
    const server = await serving('secret')
    const fetch = setUp({}, [])
    for (const url of [
      server.url,
      'http://169.254.169.254/latest/',
      'file:///etc/passwd',
      'nonsense',
      'https://u:p@example.com/',
    ]) {
      await expect(fetch(url), url).rejects.toThrow(refusal('address_not_allowed'))
    }
    expect(server.connections()).toBe(0)
  })

  it.each([204, 206, 304, 400, 401, 404, 500])('refuses status %i', async (status) => {
    const server = await serving('', {}, status)
    const error: unknown = await setUp()(server.url).catch((cause: unknown) => cause)
    expect(error).toEqual(refusal('bad_status'))
    expect((error as GuardedFetchError).status).toBe(status)
    expect((error as GuardedFetchError).retryable).toBe(status === 500)
  })

  it('refuses a compressed answer, which it has not asked for', async () => {
    const server = await serving(gzipSync('abc'), { 'content-encoding': 'gzip' })
    await expect(setUp()(server.url)).rejects.toThrow(refusal('encoded'))
  })

  it('ends with the reason of the signal, before and while the body is read', async () => {
    const server = await speaking('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc')
    const stop = new AbortController()
    const { body } = await setUp()(server.url, { signal: stop.signal })
    const reading = buffer(body)
    stop.abort(new Error('stopped'))
    await expect(reading).rejects.toThrow('stopped')
    await expect(setUp()(server.url, { signal: stop.signal })).rejects.toThrow('stopped')
  })
})

describe('the size of a fetch', () => {
  it('is refused by its declared length, before the body', async () => {
    const server = await serving('x'.repeat(1001), { 'content-length': '1001' })
    await expect(setUp({ maxBytes: 1000 })(server.url)).rejects.toThrow(refusal('too_large'))
    await expect(setUp()(server.url, { maxBytes: 1000 })).rejects.toThrow(refusal('too_large'))
    expect((await read(setUp()(server.url, { maxBytes: 1001 }))).length).toBe(1001)
  })

  it('is counted when it is not declared, and the connection is cut', async () => {
    let closed = false
    const server = await startHttpServer((_, response) => {
      drip(response, 1)
      response.once('close', () => {
        closed = true
      })
    })
    await expect(read(setUp({ maxBytes: 20 })(server.url))).rejects.toThrow(refusal('too_large'))
    await until('the connection is cut', () => closed)
  })

  it('is bounded for headers', async () => {
    const server = await speaking(`HTTP/1.1 200 OK\r\nx-large: ${'x'.repeat(1024 * 1024)}\r\n\r\n`)
    await expect(setUp()(server.url)).rejects.toThrow(refusal('invalid_answer'))
  })
})

describe('the time of a fetch', () => {
  it('is bounded for headers that do not come', async () => {
    const server = await startTcpServer(() => undefined)
    await expect(setUp({ headersMs: 100 })(server.url)).rejects.toThrow(refusal('timeout'))
  })

  it('is bounded for silence in the body', async () => {
    const server = await speaking('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc')
    await expect(read(setUp({ bodyMs: 100 })(server.url))).rejects.toThrow(refusal('timeout'))
  })

  it('is bounded for the whole, so that a drip does not go on for ever', async () => {
    const server = await speaking('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n', (socket) => drip(socket, 10))
    await expect(read(setUp({ totalMs: 300 })(server.url))).rejects.toThrow(refusal('timeout'))
  })
})

describe('the pace of a fetch', () => {
  it('has a lowest rate, which a drip does not keep, however long it may take', async () => {
    const server = await speaking('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n', (socket) => drip(socket, 10))
    await expect(read(setUp({ slowMs: 200 })(server.url))).rejects.toThrow(refusal('too_slow'))
    const { body } = await setUp({ slowMs: 200, minBytesPerSecond: 5 })(server.url)
    let came = 0
    for await (const chunk of body) if ((came += (chunk as Buffer).length) > 60) break
    expect(came).toBeGreaterThan(60)
  })

  it('is not held against a server whose reader is the slow one', async () => {
    const bytes = Buffer.alloc(300_000, 'abc')
    const server = await serving(bytes)
    const { body } = await setUp({ slowMs: 50, bodyMs: 100 })(server.url)
    const begun = performance.now()
    await until('four windows have passed', () => performance.now() - begun > 200)
    expect((await buffer(body)).equals(bytes)).toBe(true)
  })
})

describe('a connection that breaks', () => {
  it('is told apart: nothing there, lost before or within the body, no HTTP, no TLS', async () => {
    const within = await speaking('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc', (socket) => socket.end())
    const chunked = await speaking('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n', (socket) =>
      socket.end(),
    )
    const longer = await speaking('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef')
    const before = await startTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const mail = await speaking('220 mail.example.com ESMTP\r\n')
    const plain = await serving('abc')
    const fetch = setUp()
    await expect(fetch('http://127.0.0.1:1/')).rejects.toThrow(refusal('unreachable'))
    await expect(fetch(before.url)).rejects.toThrow(refusal('connection_lost'))
    await expect(read(fetch(within.url))).rejects.toThrow(refusal('connection_lost'))
    await expect(read(fetch(chunked.url))).rejects.toThrow(refusal('connection_lost'))
    await expect(read(fetch(longer.url))).rejects.toThrow(refusal('invalid_answer'))
    await expect(fetch(mail.url)).rejects.toThrow(refusal('invalid_answer'))
    await expect(fetch(plain.url.replace('http:', 'https:'))).rejects.toThrow(refusal('tls_failed'))
  })
})

describe('interim answers', () => {
  const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc'
  const many = (count: number) => 'HTTP/1.1 102 Processing\r\nx-step: 1\r\n\r\n'.repeat(count)

  it.each([
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['one with headers', 'HTTP/1.1 100 Continue\r\nserver: x\r\ncontent-length: 5\r\n\r\n'],
    ['several of them', `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${many(3)}`],
    ['one that nobody has named', 'HTTP/1.1 199 Wait\r\n\r\n'],
  ])('are skipped: %s, in one packet or many, also before a redirect', async (_, interim) => {
    const whole = await speaking(interim + OK)
    expect(String(await read(setUp()(whole.url)))).toBe('abc')
    const pieces = await startTcpServer((socket) =>
      socket.once('data', () => {
        for (const byte of interim + OK) socket.write(byte)
      }),
    )
    expect(String(await read(setUp()(pieces.url)))).toBe('abc')
    const redirect = await speaking(
      `${interim}HTTP/1.1 302 Found\r\nlocation: ${whole.url}\r\ncontent-length: 0\r\n\r\n`,
    )
    expect(String(await read(setUp()(redirect.url)))).toBe('abc')
  })

  it('are bounded in number, size and time', async () => {
    await expect(setUp()((await speaking(many(1000) + OK)).url)).rejects.toThrow(refusal('invalid_answer'))
    const large = `HTTP/1.1 100 Continue\r\nx: ${'x'.repeat(1024 * 1024)}\r\n\r\n${OK}`
    await expect(setUp()((await speaking(large)).url)).rejects.toThrow(refusal('invalid_answer'))
    const slow = await speaking('', (socket) => {
      const timer = setInterval(() => socket.write(many(1)), 40)
      socket.once('close', () => clearInterval(timer))
    })
    await expect(setUp({ headersMs: 200 })(slow.url)).rejects.toThrow(refusal('timeout'))
  })

  it('are no answer: what ends behind one is lost, and another protocol is refused', async () => {
    const lost = await speaking('HTTP/1.1 100 Continue\r\n\r\n', (socket) => socket.end())
    await expect(setUp()(lost.url)).rejects.toThrow(refusal('connection_lost'))
    const switched = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
    await expect(setUp()((await speaking(switched)).url)).rejects.toThrow(refusal('invalid_answer'))
  })
})

describe('a redirect', () => {
  /** Redirects `/n` to `/n-1`, and serves at `/0`. */
  const startStairs = () =>
    startHttpServer((request, response) => {
      const step = Number(request.url?.slice(1))
      if (step > 0) response.writeHead(302, { location: `/${step - 1}` }).end()
      else response.end('down')
    })

  it('is followed three times, and no fourth time', async () => {
    const server = await startStairs()
    const fetched = await setUp()(`${server.url}/3`)
    expect([fetched.url, String(await buffer(fetched.body))]).toEqual([`${server.url}/0`, 'down'])
    await expect(setUp()(`${server.url}/4`)).rejects.toThrow(refusal('too_many_redirects'))
  })

  it('goes through the guard each time', async () => {
    const inside = await startHttpServer((_, response) => response.end('secret'), '127.0.0.2')
    const targets = [
      inside.url,
      'http://169.254.169.254/',
      'file:///etc/passwd',
      'http://u:p@127.0.0.1/',
      'http://[',
      `//${new URL(inside.url).host}/`,
    ]
    for (const location of targets) {
      const server = await serving('', { location }, 302)
      await expect(setUp()(server.url), location).rejects.toThrow(refusal('address_not_allowed'))
    }
    expect(inside.connections()).toBe(0)
  })

  it('may lead from http to https, and not back', async () => {
    const plain = await serving('open')
    const secure = await startHttpsServer((request, response) => {
      if (request.url === '/back') response.writeHead(307, { location: plain.url }).end()
      else response.end('sealed')
    })
    const there = `https://secure.test:${secure.port}`
    const up = await serving('', { location: `${there}/` }, 301)
    const fetcher = createGuardedFetcher({ guard: createAddressGuard(trusting) })
    open.add(fetcher)
    expect(String(await read(fetcher.fetch(up.url)))).toBe('sealed')
    await expect(fetcher.fetch(`${there}/back`)).rejects.toThrow(refusal('insecure_redirect'))
    expect(plain.connections()).toBe(0)
  })

  it('without a place to go is a bad answer', async () => {
    const server = await serving('', {}, 302)
    await expect(setUp()(server.url)).rejects.toThrow(refusal('bad_status'))
  })
})
