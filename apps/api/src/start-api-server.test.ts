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
  expect(await speak('GET /livez HTTP/1.1\r\n\r\n')).toContain('400')
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

test('cuts off a request that does not end by the deadline', async () => {
  const head = 'POST /v1/models/ocr/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
  const answer = speak(`${head}content-length: 10\r\n\r\n{`)
  await until('it has arrived', async () => (await (await fetch(`${server.url}/readyz`)).json()) !== null)
  await server.close(100)
  expect(await answer).toBe('')
})
