import { connect } from 'node:net'
import { problemSchema } from '@millrace/contracts'
import { ConfigError } from '@millrace/process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../../test/support/until.ts'
import { createFixture } from './app.fixture.ts'
import { type ApiServer, startApiServer } from './start-api-server.ts'

type Fixture = Awaited<ReturnType<typeof createFixture>>
let api: Fixture
let server: ApiServer

beforeEach(async () => {
  const { createMetrics } = await import('@millrace/process')
  api = await createFixture()
  server = await startApiServer({ ...api.deps, metrics: createMetrics() })
})
afterEach(async () => {
  await server.close(0)
  await api.close()
})

/** What the server says to raw bytes, until it closes the connection. */
function speak(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text))
    socket
      .on('data', (chunk) => (answer += chunk))
      .on('close', () => resolve(answer))
      .on('error', reject)
  })
}

test('refuses to listen beyond this machine without an API key, unless told to', async () => {
  const { createMetrics } = await import('@millrace/process')
  const open = (config: object) =>
    startApiServer(
      { ...api.deps, metrics: createMetrics(), config: { ...api.deps.config, ...config } },
      { host: '0.0.0.0' },
    )
  await expect(open({})).rejects.toThrow(ConfigError)
  for (const config of [{ apiKey: 'k'.repeat(20) }, { insecure: true }]) await (await open(config)).close()
})

test('answers over a socket, also to an upload in chunks and to HEAD', async () => {
  expect((await fetch(`${server.url}/livez`)).status).toBe(200)
  const form = new FormData()
  form.set('image', new Blob(['x'.repeat(300_000)], { type: 'image/x-raw' }), 'a.raw')
  const response = await fetch(`${server.url}/v1/models/ocr/jobs`, { method: 'POST', body: form })
  expect(response.status).toBe(202)
  expect(response.headers.get('location')).toContain(`${server.url}/v1/jobs/job_`)
  const head = await fetch(response.headers.get('location') ?? '', { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test('refuses what is no proper HTTP', async () => {
  const line = 'POST /v1/models/ocr/jobs HTTP/1.1\r\nhost: localhost\r\n'
  const codeOf = async (text: string) => {
    const [head = '', body = ''] = (await speak(text)).split('\r\n\r\n')
    const problem = problemSchema.parse(JSON.parse(body))
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${problem.status} `))
    expect(head).toContain(`x-request-id: ${problem.request_id}`)
    return problem.code
  }
  expect(await codeOf('nonsense\r\n\r\n')).toBe('malformed_http')
  expect(await codeOf(`${line}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`)).toBe('malformed_http')
  expect(await codeOf(`${line}content-length: -1\r\n\r\n`)).toBe('malformed_http')
  const json = `${line}content-type: application/json\r\n`
  expect(await codeOf(`${json}transfer-encoding: chunked\r\n\r\n1\r\n{\r\nnonsense\r\n`)).toBe('malformed_http')
  expect(await codeOf(`${line}x: ${'a'.repeat(20_000)}\r\n\r\n`)).toBe('headers_too_large')
})

test('refuses what two readers could read in two ways, or nobody here understands, with a code', async () => {
  const refused = async (text: string) => {
    const [head = '', body = ''] = (await speak(text)).split('\r\n\r\n')
    const { status, code } = problemSchema.parse(JSON.parse(body))
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head).toMatch(/^connection: close\r?$/im)
    return `${status} ${code}`
  }
  const host = 'host: localhost\r\n'
  const malformed = [
    'GET /livez HTTP/1.1\r\n\r\n',
    'GET /livez HTTP/1.1\r\nhost:\r\n\r\n',
    `GET /livez HTTP/1.1\r\n${host}host: other\r\n\r\n`,
    `GET /livez HTTP/1.1\r\n${host}HOST: localhost\r\n\r\n`,
    ...[
      'a b/c@d',
      'user@localhost',
      'localhost/x',
      'localhost:x',
      'localhost:99999',
      'a%41',
      '[::1',
      'h?q',
      'h#f',
      'ü',
    ].map((name) => `GET /livez HTTP/1.1\r\nhost: ${name}\r\n\r\n`),
    `GET * HTTP/1.1\r\n${host}\r\n`,
    'GET /livez\r\n\r\n',
    `GET /livez HTTP/2.0\r\n${host}\r\n`,
    `GET /\\evil HTTP/1.1\r\n${host}\r\n`,
    ...['gzip, chunked', 'identity, chunked', 'chunked, chunked'].map(
      (coding) => `POST /v1/files HTTP/1.1\r\n${host}transfer-encoding: ${coding}\r\n\r\n0\r\n\r\n`,
    ),
    `POST /v1/files HTTP/1.0\r\n${host}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  ]
  for (const text of malformed) expect([text, await refused(text)]).toEqual([text, '400 malformed_http'])
  expect(await refused(`GET /livez HTTP/1.1\r\n${host}expect: x\r\n\r\n`)).toBe('417 expectation_failed')
  expect(await refused(`CONNECT other:443 HTTP/1.1\r\n${host}\r\n`)).toBe('405 method_not_allowed')
})

test('takes what is unusual and clear', async () => {
  for (const text of [
    'GET /livez HTTP/1.0\r\n\r\n',
    'GET /livez HTTP/1.1\r\nHOST: LOCALHOST:7070\r\nconnection: close\r\n\r\n',
    'GET /livez HTTP/1.1\r\nhost: [::1]:7070\r\nconnection: close\r\n\r\n',
    'GET http://localhost/livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
  ]) {
    expect(await speak(text)).toContain('HTTP/1.1 200 OK')
  }
  const options = 'OPTIONS * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'
  expect(await speak(options)).toMatch(/^HTTP\/1.1 204 [\s\S]*allow: GET, /i)
})

test('asks for a body that is announced with Expect only when it reads it', async () => {
  const line = 'POST /v1/models/ocr/jobs HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: 12\r\n'
  const refused = await speak(`${line}content-type: text/plain\r\n\r\n`)
  expect(refused).toMatch(/^HTTP\/1.1 415 /)
  expect(refused).not.toContain('100 Continue')
  let answer = ''
  const socket = connect(server.port, '127.0.0.1', () => socket.write(`${line}content-type: application/json\r\n\r\n`))
  socket.on('data', (chunk) => {
    answer += chunk
    if (answer === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('{"input":{}}')
  })
  await until('the job is kept', () => answer.includes('HTTP/1.1 202'))
  socket.destroy()
})

test('lets nobody take a later fault for the answer to a request that has arrived', async () => {
  expect(await speak('GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\nnonsense\r\n\r\n')).toBe('')
})

test('refuses a body by its announced length and closes the connection that goes on sending', async () => {
  const head = 'POST /v1/models/ocr/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
  const answer = await speak(`${head}content-length: 1000000000\r\nconnection: close\r\n\r\n{`)
  expect(answer).toContain('413')
  expect(answer).toContain('body_too_large')
})

test('closes in time: long polls answer at once with what is known, idle connections end', async () => {
  await fetch(`${server.url}/v1/models/ocr/jobs`, {
    method: 'POST',
    body: '{"input":{}}',
    headers: { 'content-type': 'application/json' },
  })
  const id = api.submitted[0]?.id
  let reads = 0
  const get = api.deps.jobs.get.bind(api.deps.jobs)
  api.deps.jobs.get = (...args) => {
    reads++
    return get(...args)
  }
  const poll = fetch(`${server.url}/v1/jobs/${id}?wait=60`)
  await until('the poll waits', () => reads > 0)
  const started = performance.now()
  await server.close()
  expect(performance.now() - started).toBeLessThan(3000)
  expect(await (await poll).json()).toMatchObject({ id, status: 'queued' })
})

test('announces how long it keeps a connection, which is longer than balancers keep theirs', async () => {
  const { headers } = await fetch(`${server.url}/livez`)
  expect([headers.get('connection'), headers.get('keep-alive')]).toEqual(['keep-alive', 'timeout=75'])
})

test('while it closes, answers on open connections and announces that they close; nothing is reset under a request', async () => {
  const live = 'GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n'
  const open = () => {
    const heard = { text: '', closed: '', socket: connect(server.port, '127.0.0.1') }
    heard.socket.on('data', (chunk) => (heard.text += chunk))
    heard.socket.on('end', () => (heard.closed = 'end')).on('error', () => (heard.closed = 'error'))
    return heard
  }
  const [kept, idle, unused] = [open(), open(), open()]
  for (const { socket } of [kept, idle]) socket.write(live)
  await until('both are answered', () => kept.text.endsWith('}') && idle.text.endsWith('}'))
  await until('the third is open', () => unused.socket.readyState === 'open')
  expect(kept.text).toMatch(/^connection: keep-alive\r$/im)
  kept.text = ''
  const closed = server.close()
  const submit = 'POST /v1/models/ocr/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}'
  kept.socket.write(`${live}${submit}`)
  await until('it is answered and closed', () => kept.closed)
  expect(kept.closed).toBe('end')
  expect(kept.text).toMatch(/^connection: close\r$/im)
  expect(kept.text.split('HTTP/1.1 ')).toHaveLength(2)
  await closed
  await until('the others are closed', () => idle.closed && unused.closed)
  expect([idle.closed, unused.closed]).toEqual(['end', 'end'])
})

test('cuts off a request that does not end by the deadline', async () => {
  const head = 'POST /v1/models/ocr/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
  const answer = speak(`${head}content-length: 10\r\n\r\n{`)
  await until('it has arrived', async () => (await (await fetch(`${server.url}/readyz`)).json()) !== null)
  await server.close(100)
  expect(await answer).toBe('')
})
