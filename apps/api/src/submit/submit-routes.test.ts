import { isStored, type Manifest, manifestSchema, type Problem } from '@millrace/contracts'
import { type NewJob, newJobId } from '@millrace/queue'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFixture, testManifest } from '../app.fixture.ts'

test('a submit under the key of a purged job names that job, and leaves no file behind', async () => {
  const api = await createFixture()
  onTestFinished(() => api.close())
  const id = newJobId('ocr')
  api.control.submit = async () => ({ outcome: 'purged', id })
  const response = await api.app.request('/v1/models/ocr/jobs', {
    method: 'POST',
    body: JSON.stringify({ input: { image: 'data:image/x-raw;base64,AAAA' } }),
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
  })
  const problem = (await response.json()) as Problem
  expect([response.status, problem.code, problem.job_id]).toEqual([410, 'job_purged', id])
  expect(problem.detail).toContain(id)
  expect(await api.storedKeys()).toEqual([])
})

/** As `testManifest`, the current version, was before: other types, and files at other places. */
const older: Manifest = manifestSchema.parse({
  ...testManifest,
  version: '0.9.0',
  training: null,
  input_schema: {
    type: 'object',
    properties: {
      text: { type: 'number' },
      numbers: { type: 'array', items: { type: 'string' } },
      scan: { format: 'file' },
      notes: { format: 'file' },
      image: { type: 'object' },
    },
  },
})

async function anApi() {
  const api = await createFixture()
  onTestFinished(() => api.close())
  const { models } = api.deps
  models.version = async (_, version) => (version === older.version ? older : undefined)
  return api
}

/** A part by its name, or by all that its head says, and its content. */
type Part = readonly [head: string, content: string]
const typed = (name: string, type: string, fileName?: string) =>
  `${name}"${fileName === undefined ? '' : `; filename="${fileName}"`}\r\nContent-Type: ${type}`

/** Sends the parts as they are, in their order. */
async function send(app: Awaited<ReturnType<typeof anApi>>['app'], parts: readonly Part[]) {
  const texts = parts.map(([head, content]) => {
    const name = head.includes('"') ? head : `${head}"`
    return `--b\r\nContent-Disposition: form-data; name="${name}\r\n\r\n${content}\r\n`
  })
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }
  const response = await app.request('/v1/models/ocr/jobs', {
    method: 'POST',
    body: `${texts.join('')}--b--\r\n`,
    headers,
  })
  return { status: response.status, answer: (await response.json()) as Problem }
}

const inPlace = (place: string, version: string, parts: readonly Part[]): Part[] =>
  place === 'first' ? [['version', version], ...parts] : [...parts, ['version', version]]

describe.each(['first', 'last'])('a form that names its version %s', (place) => {
  test('is read by the schema of that version', async () => {
    const { app, submitted, objects } = await anApi()
    const parts: Part[] = [
      ['text', '12'],
      ['numbers', '7'],
      [typed('scan', 'application/octet-stream', 'scan.bin'), 'scanned'],
      // A text for the current version, and a file for this one; then the other way round.
      [typed('notes', 'application/json'), '[1]'],
      [typed('image', 'application/json'), '{"a":2}'],
    ]
    expect(await send(app, inPlace(place, '0.9.0', parts))).toMatchObject({ status: 202 })
    const { input, ...job } = submitted[0] as NewJob
    expect(job).toMatchObject({ version: '0.9.0', line: 'v:0.9.0' })
    const value = { text: 12, numbers: ['7'], scan: null, notes: null, image: { a: 2 } }
    expect(JSON.parse('inline' in input.value ? input.value.inline : '')).toEqual(value)
    const files = input.files.filter(isStored).map(async ({ pointer, key }) => [pointer, await read(objects, key)])
    expect(Object.fromEntries(await Promise.all(files))).toEqual({ '/scan': 'scanned', '/notes': '[1]' })
  })

  test.each<[string, Part[]]>([
    ['at a place that is none for a file in it', [[typed('image', 'image/x-raw', 'a.raw'), 'x']]],
    [
      'where it takes one',
      [
        [typed('scan', 'image/x-raw', 'a.raw'), 'x'],
        [typed('scan', 'image/x-raw', 'b.raw'), 'y'],
      ],
    ],
    ['with a text that does not fit it', [['text', 'twelve']]],
  ])('is refused with files %s, and leaves none behind', async (_, parts) => {
    const { app, storedKeys } = await anApi()
    const { status, answer } = await send(app, inPlace(place, '0.9.0', parts))
    expect([status, answer.code]).toEqual([422, 'invalid_input'])
    expect(await storedKeys()).toEqual([])
  })

  test('is refused when there is no such version, or it was said twice', async () => {
    const { app } = await anApi()
    expect(await send(app, inPlace(place, '3', [['text', 'a']]))).toMatchObject({ status: 409 })
    const twice = inPlace(place, '0.9.0', [['version', '0.9.0']])
    expect(await send(app, twice)).toMatchObject({ status: 400, answer: { code: 'malformed_multipart' } })
  })

  test('is read so when it is percent-encoded', async () => {
    const { app, submitted } = await anApi()
    const body = place === 'first' ? 'version=0.9.0&text=12' : 'text=12&version=0.9.0'
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const response = await app.request('/v1/models/ocr/jobs', { method: 'POST', body, headers })
    expect(response.status).toBe(202)
    expect(submitted[0]).toMatchObject({ version: '0.9.0', input: { value: { inline: '{"text":12}' } } })
  })
})

async function read(objects: Awaited<ReturnType<typeof anApi>>['objects'], key: string): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of await objects.get(key)) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
