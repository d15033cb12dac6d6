import { rmSync, writeFileSync, mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { FileView, Job } from '@millrace/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ApiError, ConnectionError, JobFailedError, WaitTimeoutError } from './client-errors.ts'
import { createClient } from './create-client.ts'
import { answer, drop, dropInBody, refuse, startFaultServer, stayShort, type Step } from './fault-server.fixture.ts'
import { fileAt, fileFrom } from './files/upload.ts'

let server: Awaited<ReturnType<typeof startFaultServer>>
beforeAll(async () => {
  server = await startFaultServer()
})
afterAll(() => server.close())
beforeEach(() => server.reset())

const connect = (retries = 3) => createClient({ url: server.url, retries })
const jobOf = (status: Job['status'], more: Partial<Job> = {}) => ({ id: 'job_1', status, output: null, ...more })

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('it should have been rejected'),
    (error: unknown) => error,
  )
}

describe('a request that meets faults', () => {
  it('is sent again with the same idempotency key when the connection drops after the server took it', async () => {
    server.play(drop, dropInBody, answer(202, jobOf('queued')))
    expect((await connect().submit('echo', { message: 'x' })).id).toBe('job_1')
    const keys = server.seen.map(({ headers }) => headers['idempotency-key'])
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
    expect([keys.length, new Set(keys).size]).toEqual([3, 1])
    server.play(answer(202, jobOf('queued')))
    await connect().submit('echo', { message: 'x' })
    expect(server.seen[3]?.headers['idempotency-key']).not.toBe(keys[0])
  })

  it.each([
    [503, 'unavailable'],
    [429, 'tenant_limit'],
  ])('is sent again after the Retry-After of a %i', async (status, code) => {
    server.play(refuse(status, code, { 'retry-after': '1' }), answer(202, jobOf('queued')))
    const started = Date.now()
    await connect().submit('echo', {})
    expect(Date.now() - started).toBeGreaterThanOrEqual(990)
    expect(server.seen).toHaveLength(2)
  })

  it('is tried without being kept, as often as need be, and with all that a submit takes', async () => {
    server.play(drop, answer(200, { object: 'dry_run', late: true }))
    const options = { expires_in: 5, reject_if_late: true, idempotencyKey: 'k' }
    expect(await connect().dryRun('echo', { message: 'x' }, options)).toMatchObject({ late: true })
    const sent = server.seen.map(({ path, headers, body }) => [path, headers['idempotency-key'], String(body)])
    const body = JSON.stringify({ input: { message: 'x' }, expires_in: 5, reject_if_late: true })
    expect(sent).toEqual(Array.from({ length: 2 }, () => ['/v1/models/echo/jobs?dry_run=true', 'k', body]))
  })

  it('gives up after its retries with the last refusal', async () => {
    const busy = refuse(503, 'queue_full', { 'retry-after': '0' })
    server.play(busy, busy, busy)
    const error = await rejection(connect(1).submit('echo', {}))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code: 'queue_full', status: 503 })
    expect(server.seen).toHaveLength(2)
  })

  it('is not sent again when it is refused for good, and tells every fault', async () => {
    const errors = [{ path: '/input/lang', code: 'enum', message: 'expected eng' }]
    server.play(refuse(422, 'invalid_input', {}, { errors, errors_total: 3 }))
    const error = await rejection(connect().submit('ocr', { lang: 'x' }))
    expect(error).toMatchObject({ code: 'invalid_input', status: 422, errors, errorsTotal: 3, requestId: 'r1' })
    expect(server.seen).toHaveLength(1)
  })

  it('is not sent again when its job was erased, and names that job', async () => {
    server.play(drop, refuse(410, 'job_purged', {}, { job_id: 'job_1' }))
    const error = await rejection(connect().submit('echo', {}, { idempotencyKey: 'k' }))
    expect(error).toMatchObject({ code: 'job_purged', status: 410, jobId: 'job_1' })
    expect(server.seen).toHaveLength(2)
  })

  it.each([
    ['a refusal', 404],
    ['an answer', 200],
  ])('tells of %s that is none of Millrace', async (_what, status) => {
    server.play((response) => response.writeHead(status).end('<html>'))
    expect(await rejection(connect().get('job_1'))).toMatchObject({ code: 'unexpected_answer', status })
    expect(server.seen).toHaveLength(1)
  })

  it('ends at once with the reason of its signal, while it waits for an answer or for the next try', async () => {
    const held = new AbortController()
    server.play(() => held.abort(new Error('enough')))
    expect(await rejection(connect().get('job_1', { signal: held.signal }))).toMatchObject({ message: 'enough' })
    const pausing = new AbortController()
    server.play((response, seen) => {
      refuse(503, 'unavailable', { 'retry-after': '20' })(response, seen)
      response.on('close', () => setImmediate(() => pausing.abort(new Error('enough'))))
    })
    expect(await rejection(connect().get('job_1', { signal: pausing.signal }))).toMatchObject({ message: 'enough' })
    expect(server.seen).toHaveLength(2)
  })

  it('says that nobody answers there', async () => {
    const gone = await startFaultServer()
    await gone.close()
    const error = await rejection(createClient({ url: gone.url, retries: 0 }).models())
    expect(error).toBeInstanceOf(ConnectionError)
    expect((error as Error).message).toContain('ECONNREFUSED')
    expect(() => createClient({ url: 'localhost:7070' })).toThrow(TypeError)
  })

  it('does not blame the connection for a header that cannot be sent', async () => {
    expect(await rejection(connect().submit('echo', {}, { idempotencyKey: 'a\nb' }))).toBeInstanceOf(TypeError)
    expect(server.seen).toHaveLength(0)
  })

  it('takes a retry of a job for done when only its second sending is refused', async () => {
    server.play(drop, refuse(409, 'job_not_retryable'), answer(200, jobOf('queued')))
    expect((await connect().retry('job_1')).status).toBe('queued')
    server.play(refuse(409, 'job_not_retryable'))
    expect(await rejection(connect().retry('job_1'))).toMatchObject({ code: 'job_not_retryable' })
  })
})

describe('files of an input', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-client-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('are sent as parts at their places, from a path, a Blob, a File and bytes, and sent again when need be', async () => {
    const path = join(folder, 'scan "1".png')
    writeFileSync(path, 'from the disk')
    server.play(drop, answer(202, jobOf('queued')))
    const pages = [new File(['a file'], 'page.txt', { type: 'text/plain' }), new Blob(['a blob'])]
    const bytes = fileFrom(Buffer.from('bytes'), { name: 'x.bin' })
    const input = { image: fileAt(path), pages, deep: { 'a/b': bytes }, lang: 'eng' }
    await connect().submit('ocr', input, { priority: 'high', metadata: { a: '1' } })
    const forms = server.seen.map(({ body, headers }) =>
      new Response(new Uint8Array(body), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData(),
    )
    for (const form of await Promise.all(forms)) {
      expect(JSON.parse(form.get('input') as string)).toEqual({
        image: null,
        pages: [null, null],
        deep: { 'a/b': null },
        lang: 'eng',
      })
      expect([form.get('priority'), form.get('metadata')]).toEqual(['high', '{"a":"1"}'])
      const texts: Record<string, string> = {}
      for (const [name, part] of form) if (part instanceof File) texts[name] = `${part.name}: ${await part.text()}`
      expect(texts).toEqual({
        '/image': expect.stringContaining('from the disk'),
        '/pages/0': 'page.txt: a file',
        '/pages/1': 'file: a blob',
        '/deep/a~1b': 'x.bin: bytes',
      })
    }
    expect(forms).toHaveLength(2)
  })

  it('are streamed as they are sent, and a stream that broke is not sent twice', async () => {
    const [size, BLOCK] = [256 * 1024 * 1024, 1024 * 1024]
    const held = (): number => process.memoryUsage().arrayBuffers
    const before = held()
    let [made, received, most, requests] = [0, 0, 0, 0]
    const blocks = function* () {
      for (; made < size; made += BLOCK) yield Buffer.alloc(BLOCK)
    }
    const reader = createServer((request) => {
      requests += 1
      request.on('data', (chunk: Buffer) => {
        received += chunk.length
        most = Math.max(most, held() - before)
      })
      request.on('end', () => request.socket.destroy())
    })
    await new Promise<void>((resolve) => reader.listen(0, '127.0.0.1', resolve))
    const client = createClient({ url: `http://127.0.0.1:${(reader.address() as AddressInfo).port}` })
    const stream = Readable.from(blocks(), { objectMode: false })
    const error = await rejection(client.submit('echo', { file: fileFrom(stream) }))
    reader.close()
    expect(error).toBeInstanceOf(ConnectionError)
    expect([requests, made]).toEqual([1, size])
    expect(received).toBeGreaterThan(size)
    // What was sent is let go of.
    expect(most).toBeLessThan(size / 2)
  })

  it('are refused before anything is sent when a path cannot be read', async () => {
    expect(await rejection(connect().submit('ocr', { image: fileAt(join(folder, 'none.png')) }))).toMatchObject({
      code: 'ENOENT',
    })
    expect(server.seen).toHaveLength(0)
  })

  it('are never read by a path that came as data', async () => {
    server.play(answer(202, jobOf('queued')))
    await connect().submit('echo', { file: JSON.parse('{"path":"/etc/hosts","source":{"path":"/etc/hosts"}}') })
    expect(server.seen[0]?.headers['content-type']).toBe('application/json')
  })
})

it('tells of a download that broke, and of how much had come', async () => {
  server.play(dropInBody)
  const reader = (await connect().download('file_1')).getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('{"id":')
  const error = await rejection(reader.read())
  expect(error).toBeInstanceOf(ConnectionError)
  expect((error as Error).message).toContain('6 bytes')
})

it('waits for no byte that never comes: an output is asked for again, a download is told as broken', async () => {
  const client = createClient({ url: server.url, retries: 1, silenceSeconds: 0.1 })
  server.play(stayShort, answer(200, { text: 'whole' }), stayShort)
  expect(await client.output('job_1')).toEqual({ text: 'whole' })
  const reader = (await client.download('file_1')).getReader()
  expect((await reader.read()).value).toHaveLength(6)
  const error = await rejection(reader.read())
  expect(error).toBeInstanceOf(ConnectionError)
  expect((error as Error).message).toContain('6 bytes')
})

it.each([3, 100])('takes no answer for a file of %i bytes that has another number of them', async (size) => {
  server.play(answer(200, { text: 'whole' }))
  const file = { id: 'file_1', size } as FileView
  const error = await rejection(new Response(await connect().download(file)).text())
  expect(error).toBeInstanceOf(ConnectionError)
  expect((error as Error).message).toContain('16 bytes')
})

it('ends a download in the middle when its signal says so', async () => {
  server.play(stayShort)
  const stop = new AbortController()
  const reader = (await connect().download('file_1', { signal: stop.signal })).getReader()
  await reader.read()
  const rest = rejection(reader.read())
  stop.abort(new Error('enough'))
  expect(await rest).toBe(stop.signal.reason)
})

describe('a job', () => {
  it('is run to its whole output, though the answer itself does not show it', async () => {
    server.play(answer(202, jobOf('queued')), answer(200, jobOf('succeeded')), answer(200, { text: 'long' }))
    expect((await connect().run('echo', {})).output).toEqual({ text: 'long' })
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/v1/models/echo/jobs',
      '/v1/jobs/job_1?wait=30.000',
      '/v1/jobs/job_1/output',
    ])
  })

  it.each([
    [jobOf('failed', { error: { code: 'timeout', message: 'too long', retryable: true, attempt: 1 } }), 'timeout'],
    [jobOf('canceled', { error: null }), 'canceled'],
  ])('that did not succeed is an error of its own (%#)', async (job, code) => {
    server.play(answer(202, jobOf('queued')), answer(200, job))
    const error = await rejection(connect().run('echo', {}))
    expect(error).toBeInstanceOf(JobFailedError)
    expect(error).toMatchObject({ code, job: { id: 'job_1' } })
  })

  it('is waited for through a connection that breaks, and no longer than was asked', async () => {
    server.play(drop, answer(200, jobOf('running')), answer(200, jobOf('running')))
    const error = await rejection(connect().wait('job_1', { waitSeconds: 0.1 }))
    expect(error).toBeInstanceOf(WaitTimeoutError)
    expect(error).toMatchObject({ job: { status: 'running' } })
  })

  it('is waited for no longer than was asked by a server that is silent, too', async () => {
    const silent = () => undefined
    server.play(silent, answer(202, jobOf('queued')), silent)
    const started = Date.now()
    expect(await rejection(connect().wait('job_1', { waitSeconds: 0.1 }))).toBeInstanceOf(ConnectionError)
    const error = await rejection(connect().run('echo', {}, { waitSeconds: 0.1 }))
    expect(error).toBeInstanceOf(WaitTimeoutError)
    expect(error).toMatchObject({ job: { id: 'job_1', status: 'queued' } })
    expect(Date.now() - started).toBeLessThan(15_000)
  })

  it('is watched by its changes alone by polling, where the server has no events', async () => {
    const same = answer(304, '', { etag: '"1"' })
    const tagged = (tag: string, status: Job['status']) => answer(200, jobOf(status), { etag: tag })
    const steps = [tagged('"1"', 'queued'), same, tagged('"2"', 'running'), drop, tagged('"3"', 'succeeded')]
    server.play(refuse(404, 'not_found'), ...steps)
    const statuses: string[] = []
    for await (const job of connect().watch('job_1')) statuses.push(job.status)
    expect(statuses).toEqual(['queued', 'running', 'succeeded'])
    const tags = server.seen.slice(1).map(({ headers }) => headers['if-none-match'])
    expect(tags).toEqual([undefined, '"1"', '"1"', '"2"', '"2"'])
  })

  it('is listed page by page, as far as asked', async () => {
    const page = (ids: string[], next_cursor: string | null) =>
      answer(200, { data: ids.map((id) => ({ id })), next_cursor })
    server.play(page(['a', 'b'], 'next'), page(['c'], 'more'))
    const ids: string[] = []
    for await (const job of connect().list({ model: 'echo', limit: 3 })) ids.push(job.id)
    expect(ids).toEqual(['a', 'b', 'c'])
    expect(server.seen.map(({ path }) => path)).toEqual([
      '/v1/jobs?limit=3&model=echo',
      '/v1/jobs?limit=1&model=echo&cursor=next',
    ])
  })

  it('is changed and read with the key, whatever base path the server has', async () => {
    server.play(answer(200, jobOf('canceled')), (response) => response.writeHead(204).end(), answer(200, { data: [] }))
    const client = createClient({ url: `${server.url}/mill/`, apiKey: 'secret', retries: 0 })
    await client.cancel('job_1')
    await client.remove('job_1')
    expect(await client.models()).toEqual([])
    expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /mill/v1/jobs/job_1/cancel',
      'DELETE /mill/v1/jobs/job_1',
      'GET /mill/v1/models',
    ])
    expect(new Set(server.seen.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer secret']))
  })
})

it('logs a page in and out, and tells of a wrong key at once', async () => {
  const done: Step = (response) => response.writeHead(204).end()
  server.play(done, done, refuse(429, 'too_many_logins', { 'retry-after': '50' }))
  await connect().logIn('a key')
  await connect().logOut()
  await expect(connect().logIn('wrong')).rejects.toMatchObject({ code: 'too_many_logins' })
  expect(server.seen.map(({ method, path, body }) => [method, path, body.toString()])).toEqual([
    ['POST', '/v1/session', '{"key":"a key"}'],
    ['DELETE', '/v1/session', ''],
    ['POST', '/v1/session', '{"key":"wrong"}'],
  ])
})
