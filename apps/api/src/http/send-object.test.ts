import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { fileIdOf, type JobRecord, type StoredFile } from '@millrace/contracts'
import { createMetrics } from '@millrace/process'
import { type ObjectStore, StorageError } from '@millrace/storage'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createFixture } from '../app.fixture.ts'
import { type ApiServer, startApiServer } from '../start-api-server.ts'

const LARGE = 400_000
const sha256 = 'a'.repeat(64)
const HEADERS_OF_A_FILE = /^(etag|accept-ranges|content-range|content-disposition|location):/im
const known: Partial<ObjectStore> = {}

let api: Awaited<ReturnType<typeof createFixture>>
let server: ApiServer
let paths: { output: string; outputWithFiles: string; file: string; upload: string }

beforeAll(async () => {
  api = await createFixture()
  for (const method of ['get', 'head'] as const) known[method] = api.objects[method].bind(api.objects) as never
  server = await startApiServer({ ...api.deps, metrics: createMetrics() })
  const put = (key: string, size: number) =>
    api.objects.put(key, Buffer.from(`"${'x'.repeat(size - 2)}"`), { contentType: 'application/json' })
  await put('jobs/large', LARGE)
  const plain = await finishedJob({ size: LARGE })
  const withFiles = await finishedJob({ size: LARGE, files: true })
  const form = new FormData()
  form.set('file', new Blob(['y'.repeat(LARGE)], { type: 'text/plain' }), 'a.txt')
  const answer = await fetch(`${server.url}/v1/files`, { method: 'POST', body: form })
  const upload = (await answer.json()) as { id: string }
  paths = {
    output: `/v1/jobs/${plain.id}/output`,
    outputWithFiles: `/v1/jobs/${withFiles.id}/output`,
    file: `/v1/files/${withFiles.output_files[0]?.id}/content`,
    upload: `/v1/files/${upload.id}/content`,
  }
})
afterEach(() => void Object.assign(api.objects, known))
afterAll(async () => {
  await server.close(0)
  await api.close()
})

async function finishedJob({ size, files = false }: { size: number; files?: boolean }): Promise<JobRecord> {
  const body = JSON.stringify({ input: {} })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${server.url}/v1/models/ocr/jobs`, { method: 'POST', body, headers })
  const { id } = (await answer.json()) as { id: string }
  const record = api.records.get(id) as JobRecord
  const one: StoredFile = {
    ...{ id: fileIdOf(id, 'o', 0), pointer: '/never', key: 'jobs/large', name: 'a.json' },
    ...{ content_type: 'application/json', size, sha256 },
  }
  const output = { stored: { key: 'jobs/large', size, sha256 } }
  Object.assign(record, { status: 'succeeded', output, output_files: files ? [one] : [] })
  return record
}

/** The answers to two requests in one write, until the server closes the connection. */
function askTwice(first: string, headers = ''): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const host = 'host: localhost\r\n'
    const socket = connect(server.port, '127.0.0.1', () =>
      socket.write(`${first} HTTP/1.1\r\n${host}${headers}\r\nGET /livez HTTP/1.1\r\n${host}connection: close\r\n\r\n`),
    )
    socket.on('data', (chunk) => (text += chunk)).on('close', () => resolve(text))
    socket.on('error', () => undefined)
  })
}

/** One answer taken from the front by its own Content-Length. */
function takeAnswer(text: string, { hasBody = true } = {}) {
  const end = text.indexOf('\r\n\r\n') + 4
  const head = text.slice(0, end)
  const length = hasBody ? Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0) : 0
  return {
    head,
    status: Number(head.split(' ')[1]),
    body: text.slice(end, end + length),
    rest: text.slice(end + length),
  }
}

/** Expects a whole problem with none of a file's headers, and the next answer behind it. */
async function expectProblem(first: string, [status, code]: [number, string], headers?: string) {
  const answer = takeAnswer(await askTwice(first, headers), { hasBody: !first.startsWith('HEAD') })
  expect(answer.status).toBe(status)
  expect(answer.head).not.toMatch(HEADERS_OF_A_FILE)
  expect(answer.head).toMatch(/^cache-control: no-store\r$/im)
  expect(answer.head).toMatch(/^x-request-id: ./im)
  if (!first.startsWith('HEAD')) expect(JSON.parse(answer.body)).toMatchObject({ status, code })
  expect(takeAnswer(answer.rest)).toMatchObject({ status: 200, body: '{"status":"ok","reasons":[]}' })
}

const missing = async () => {
  throw new StorageError('missing', 'no such object')
}
const away = async () => {
  throw new StorageError('unavailable', 'the store is away')
}
const pieces = (...sizes: number[]) => Readable.from(sizes.map((size) => Buffer.alloc(size, 'x')))
const RANGE = 'range: bytes=10-200000\r\n'

test('sends what is there: whole, in a range, and as a head', async () => {
  for (const path of [paths.output, paths.file, paths.upload]) {
    const whole = takeAnswer(await askTwice(`GET ${path}`))
    expect([whole.status, whole.body.length]).toEqual([200, LARGE])
    expect(takeAnswer(whole.rest).status).toBe(200)
    const head = takeAnswer(await askTwice(`HEAD ${path}`), { hasBody: false })
    expect(head.head).toContain(`content-length: ${LARGE}`)
    expect(takeAnswer(head.rest).status).toBe(200)
  }
  const range = takeAnswer(await askTwice(`GET ${paths.file}`, RANGE))
  expect([range.status, range.body.length]).toEqual([206, 199_991])
  expect(takeAnswer(range.rest).status).toBe(200)
  const response = await fetch(`${server.url}${paths.outputWithFiles}`)
  expect((await response.text()).length).toBe(LARGE)
})

test('an object that is gone is a problem without the headers of the file, and the connection stays in step', async () => {
  Object.assign(api.objects, { get: missing, head: async () => undefined })
  for (const method of ['GET', 'HEAD']) {
    for (const path of [paths.output, paths.outputWithFiles, paths.file]) {
      await expectProblem(`${method} ${path}`, [410, 'job_purged'])
    }
    await expectProblem(`${method} ${paths.upload}`, [404, 'file_not_found'])
  }
  await expectProblem(`GET ${paths.file}`, [410, 'job_purged'], RANGE)
})

test('so is a store that is away, or breaks before the first byte', async () => {
  const breaks = async () =>
    new Readable({
      read() {
        this.destroy(new StorageError('unavailable', 'the store is away'))
      },
    })
  for (const get of [away, breaks]) {
    Object.assign(api.objects, { get, head: away })
    for (const path of [paths.output, paths.outputWithFiles, paths.file, paths.upload]) {
      await expectProblem(`GET ${path}`, [503, 'unavailable'])
      await expectProblem(`HEAD ${path}`, [503, 'unavailable'])
    }
    await expectProblem(`GET ${paths.upload}`, [503, 'unavailable'], RANGE)
  }
})

test('a small object that is shorter or longer than its record says is an error of its own', async () => {
  for (const size of [LARGE - 1, LARGE + 1]) {
    Object.assign(api.objects, { get: async () => pieces(size), head: async () => ({ size }) })
    for (const path of [paths.output, paths.outputWithFiles, paths.file, paths.upload]) {
      await expectProblem(`GET ${path}`, [500, 'object_damaged'])
      await expectProblem(`HEAD ${path}`, [500, 'object_damaged'])
    }
    await expectProblem(`GET ${paths.file}`, [500, 'object_damaged'], RANGE)
  }
})

test('bytes that break off, or are too few or too many, close the connection and are never a good answer', async () => {
  const breaks = async () =>
    Readable.from(
      (async function* () {
        for (let i = 0; i < 3; i++) yield Buffer.alloc(65_536, 'x')
        await away()
      })(),
    )
  const short = async () => pieces(100_000, 100_000, 100_000)
  const long = async () => pieces(100_000, 100_000, 200_000, 1)
  for (const get of [breaks, short, long]) {
    Object.assign(api.objects, { get })
    for (const path of [paths.output, paths.file, paths.upload]) {
      const { status, body, rest } = takeAnswer(await askTwice(`GET ${path}`))
      expect(status).toBe(200)
      expect(body.length).toBeLessThan(LARGE)
      expect(rest).toBe('')
    }
    await expect(fetch(`${server.url}${paths.outputWithFiles}`).then((answer) => answer.text())).rejects.toThrow()
  }
  expect(api.lines.join('')).toContain('an answer broke off')
})
