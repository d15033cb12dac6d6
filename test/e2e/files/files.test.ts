import { createHash, randomBytes } from 'node:crypto'
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { createClient, fileFrom } from '@millrace/client'
import type { FileView, Job, Problem, UploadedFile, UploadView } from '@millrace/contracts'
import { FolderStore } from '@millrace/storage'
import { Sweeper } from '@millrace/worker'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestQueue, silent } from '../../support/open-test-queue.ts'
import { startMillrace } from '../../support/processes/millrace-process.ts'
import { type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** Files given in every way, over real HTTP, kept in a folder. */

const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))

let stack: Stack
let redis: Redis
let objects: FolderStore
let source: Server
let sourceUrl: string
let served = Buffer.from('')

beforeAll(async () => {
  source = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(served))
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve))
  sourceUrl = `http://127.0.0.1:${(source.address() as AddressInfo).port}`
  stack = await startStack({
    env: { MILLRACE_MODELS: `${TEST_MODELS}/files`, MILLRACE_FETCH_ALLOW_HOSTS: '127.0.0.1' },
  })
  redis = new Redis(stack.redis.url)
  objects = await FolderStore.open(`${stack.env.MILLRACE_DATA_DIR}/files`)
  await stack.client.ready('files')
}, 60_000)
afterAll(async () => {
  source.close()
  redis.disconnect()
  await stack.stop()
})

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

async function keysBelow(prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const key of objects.list(prefix)) keys.push(key)
  return keys.sort()
}
const fileKeys = async () => (await redis.keys('{mr:files:*')).sort()

async function upload(bytes: Buffer, name = 'a.txt', type = 'text/plain'): Promise<UploadedFile> {
  const form = new FormData()
  form.set('file', new File([new Uint8Array(bytes)], name, { type }))
  const response = await stack.client.request('/v1/files', { method: 'POST', body: form })
  expect(response.status).toBe(201)
  return (await response.json()) as UploadedFile
}

async function announce(body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return stack.client.request('/v1/files', { method: 'POST', headers, body: JSON.stringify(body) })
}

const problemOf = async (response: Response) => [response.status, ((await response.json()) as Problem).code]
const remove = (path: string) => stack.client.request(path, { method: 'DELETE' })
const sum = (job: Job) => (job.output as { sha256: string }).sha256

it('keeps an upload, shows it, and sends it whole, in ranges, and not at all when it is known', async () => {
  const bytes = randomBytes(300_000)
  const file = await upload(bytes, '../../etc/päss\r\nwd.bin', 'application/x-thing')
  expect(file).toMatchObject({
    object: 'file',
    size: 300_000,
    sha256: hash(bytes),
    content_type: 'application/x-thing',
  })
  expect(file.name).toMatch(/^[A-Za-z0-9._-]+$/)
  expect(Date.parse(file.kept_until ?? '') - Date.now()).toBeGreaterThan(23 * 3_600_000)
  expect(await (await stack.client.request(`/v1/files/${file.id}`)).json()).toMatchObject({
    id: file.id,
    name: file.name,
  })
  const whole = await fetch(file.url)
  expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true)
  expect(whole.headers.get('content-disposition')).toContain('attachment')
  const part = await fetch(file.url, { headers: { range: 'bytes=100-199' } })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 100-199/300000'])
  for (const [range, told] of [
    [undefined, [206, 'bytes 0-65535/300000']],
    ['bytes=100-199', [206, 'bytes 100-199/300000']],
    ['bytes=-10', [206, 'bytes 299990-299999/300000']],
    ['bytes=300000-', [416, 'bytes */300000']],
  ] as const) {
    const preview = await fetch(`${file.url}&via=api`, { headers: range ? { range } : {} })
    expect([preview.status, preview.headers.get('content-range')]).toEqual(told)
  }
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200))).toBe(true)
  expect((await fetch(file.url, { headers: { range: 'bytes=300000-' } })).status).toBe(416)
  expect((await fetch(file.url, { headers: { 'if-none-match': `"${file.sha256}"` } })).status).toBe(304)
  expect((await remove(`/v1/files/${file.id}`)).status).toBe(204)
  expect(await problemOf(await fetch(file.url))).toEqual([404, 'file_not_found'])
})

it('refuses addresses that were altered or have expired', async () => {
  const file = await upload(randomBytes(100))
  const other = await upload(randomBytes(100))
  const url = new URL(file.url)
  const changed = (change: (url: URL) => void) => {
    const copy = new URL(url)
    change(copy)
    return fetch(copy)
  }
  const later = String(Number(url.searchParams.get('expires')) + 3600)
  expect(await problemOf(await changed((copy) => copy.searchParams.set('expires', later)))).toEqual([403, 'forbidden'])
  expect(await problemOf(await changed((copy) => copy.searchParams.set('expires', '1')))).toEqual([403, 'forbidden'])
  expect(await problemOf(await changed((copy) => copy.searchParams.set('signature', 'AAAA')))).toEqual([
    403,
    'forbidden',
  ])
  const swapped = await changed((copy) => (copy.pathname = `/v1/files/${other.id}/content`))
  expect(await problemOf(swapped)).toEqual([403, 'forbidden'])
  const put = await fetch(file.url, { method: 'PUT', body: 'other bytes' })
  expect(await problemOf(put)).toEqual([403, 'forbidden'])
})

it('keeps the same bytes once, fifty at the same time, and lets them go with the last of them', async () => {
  const bytes = randomBytes(50_000)
  const before = await keysBelow('blobs/')
  const files = await Promise.all(Array.from({ length: 50 }, (_, i) => upload(bytes, `copy-${i}.bin`)))
  expect(new Set(files.map(({ id }) => id)).size).toBe(50)
  const added = await until('the copies are gone', async () => {
    const fresh = (await keysBelow('blobs/')).filter((key) => !before.includes(key))
    return fresh.length === 1 ? fresh : undefined
  })
  for (const { id } of files.slice(1)) expect((await remove(`/v1/files/${id}`)).status).toBe(204)
  expect((await fetch(files[0]?.url ?? '')).status).toBe(200)
  await remove(`/v1/files/${files[0]?.id}`)
  expect(await keysBelow('blobs/')).not.toContain(added[0])
})

it('takes a file by part, by id, by its own address, by data: URI, by address and from another job', async () => {
  served = Buffer.from(`served ${randomBytes(8).toString('hex')}`)
  const bytes = randomBytes(1000)
  const file = await upload(bytes)
  const form = new FormData()
  form.set('file', new File([new Uint8Array(bytes)], 'a.bin'))
  const parted = await stack.client.request('/v1/models/files/jobs', { method: 'POST', body: form })
  const byPart = await stack.client.finished(((await parted.json()) as Job).id)
  const runs = [
    file.id,
    file.url,
    `${stack.client.url.replace(/\/$/, '')}/v1/files/${file.id}`,
    `data:application/octet-stream;base64,${bytes.toString('base64')}`,
    (byPart.output as { copy: FileView }).copy.id,
    (byPart.output as { copy: FileView }).copy.url,
    (byPart.input as { file: FileView }).file.id,
  ]
  for (const given of runs) {
    const job = await stack.client.run('files', { file: given })
    expect([given.slice(0, 30), job.status, job.status === 'succeeded' && sum(job)]).toEqual([
      given.slice(0, 30),
      'succeeded',
      hash(bytes),
    ])
  }
  const fetched = await stack.client.run('files', { file: `${sourceUrl}/words.txt?token=hunter2` })
  expect(fetched).toMatchObject({ status: 'succeeded', output: { sha256: hash(served) } })
  expect(fetched.input).toMatchObject({ file: { object: 'file', name: 'words.txt', size: served.length } })
  expect(JSON.stringify([stack.api.log, stack.workers.map(({ log }) => log)])).not.toContain('hunter2')
})

it('shows every attempt the same bytes, whatever the address serves later', async () => {
  served = Buffer.from('first')
  const marker = join(stack.env.MILLRACE_DATA_DIR ?? '', 'marker')
  const input = { file: `${sourceUrl}/a.txt`, marker_file: marker }
  const job = await stack.client.accepted('files', input, { max_attempts: 20 })
  await until('the first attempt has failed', async () => (await stack.client.job(job.id)).error !== null)
  served = Buffer.from('second')
  await writeFile(marker, '')
  const done = await stack.client.finished(job.id)
  expect([done.status, sum(done)]).toEqual(['succeeded', hash(Buffer.from('first'))])
  expect(done.attempt).toBeGreaterThan(1)
})

it('fails a job clearly whose address is forbidden, and refuses at once what the text tells', async () => {
  const response = await stack.client.submit('files', { input: { file: 'http://169.254.169.254/latest' } })
  expect(response.status).toBe(422)
  expect(((await response.json()) as Problem).errors).toMatchObject([
    { path: '/input/file', code: 'input_url_forbidden' },
  ])
  const redirecting = createServer((_, answer) => answer.writeHead(302, { location: 'http://10.0.0.1/' }).end())
  await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve))
  const { port } = redirecting.address() as AddressInfo
  const job = await stack.client.run('files', { file: `http://127.0.0.1:${port}/` })
  redirecting.close()
  expect(job.error).toMatchObject({ code: 'invalid_input', retryable: false, details: { code: 'input_url_forbidden' } })
})

it('leaves nothing of a purged job but its tombstone', async () => {
  const before = { keys: await fileKeys(), objects: await keysBelow('') }
  const form = new FormData()
  form.set('file', new File([randomBytes(70_000)], 'private.bin'))
  const response = await stack.client.request('/v1/models/files/jobs', { method: 'POST', body: form })
  const { id } = await stack.client.finished(((await response.json()) as Job).id)
  expect((await keysBelow('')).length).toBeGreaterThan(before.objects.length)
  expect((await remove(`/v1/jobs/${id}`)).status).toBe(204)
  expect(await fileKeys()).toEqual(before.keys)
  expect(await keysBelow('')).toEqual(before.objects)
  const left = (await redis.keys(`*${id.slice(4)}*`)).map((key) => key.replace(/.*\}:/, ''))
  expect(left).toEqual([])
  const [tombstones] = (await redis.keys(`{mr:${id.slice(4, 12)}}:erased:*`)) as [string]
  expect(await redis.hget(tombstones, id.slice(12))).toBe('default')
  expect(await problemOf(await stack.client.request(`/v1/jobs/${id}`))).toEqual([410, 'job_purged'])
})

it('purges a job by the time its request says, with its files', async () => {
  const job = await stack.client.run('files', { file: 'data:text/plain,short-lived' }, { keep_for: 1 })
  expect(Date.parse(job.purge_at ?? '') - Date.parse(job.finished_at ?? '')).toBe(1000)
  const gone = async () => (await stack.client.request(`/v1/jobs/${job.id}`)).status === 410
  await until('it is purged', gone, { timeoutMs: 20_000 })
  const none = async () => (await redis.keys(`*${hash(Buffer.from('short-lived'))}*`)).length === 0
  await until('its bytes are dropped', none)
})

it('takes an announced upload, and refuses other bytes than the announced', async () => {
  const bytes = randomBytes(100_000)
  const announced = { name: 'scan.bin', size: bytes.length, sha256: hash(bytes) }
  const response = await announce(announced)
  expect(response.status).toBe(202)
  const sent = (await response.json()) as UploadView
  const complete = () => stack.client.request(`/v1/files/${sent.id}/complete`, { method: 'POST' })
  expect(await problemOf(await complete())).toEqual([409, 'upload_incomplete'])
  const put = (body: Buffer) => fetch(sent.put?.url ?? '', { method: 'PUT', body: new Uint8Array(body) })
  expect(await problemOf(await put(randomBytes(100_000)))).toEqual([422, 'checksum_mismatch'])
  expect(await problemOf(await put(randomBytes(100_001)))).toEqual([413, 'body_too_large'])
  expect((await put(bytes)).status).toBe(204)
  const done = await complete()
  expect(await done.json()).toMatchObject({ object: 'file', id: sent.id, sha256: hash(bytes), name: 'scan.bin' })
  expect((await complete()).status).toBe(200)
  const again = await announce(announced)
  expect([again.status, ((await again.json()) as UploadedFile).object]).toEqual([201, 'file'])
})

it('is uploaded, used, downloaded and deleted by the typed client', async () => {
  const client = createClient({ url: stack.client.url })
  const bytes = randomBytes(5000)
  const file = await client.files.upload(fileFrom(bytes, { name: 'a.bin' }))
  const first = await client.run('files', { file })
  const second = await client.run('files', { file: first.output.copy })
  const third = await client.run('files', { file: new URL(file.url) })
  expect([first, second, third].map(({ output }) => output.sha256)).toEqual(Array(3).fill(hash(bytes)))
  const parts: Uint8Array[] = []
  for await (const part of await client.files.download(second.output.copy)) parts.push(part)
  expect(Buffer.concat(parts).equals(bytes)).toBe(true)
  expect(await client.files.get(file.id)).toMatchObject({ name: 'a.bin', kept_until: null })
  await client.files.delete(file.id)
  await expect(client.files.get(file.id)).rejects.toMatchObject({ code: 'file_not_found' })
})

it('is uploaded, used, saved and deleted on the command line', async () => {
  const env = { MILLRACE_URL: stack.client.url }
  const run = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [BIN, ...args], { env: { ...process.env, ...env } })
    return stdout.trim()
  }
  const bytes = randomBytes(5000)
  const path = join(stack.env.MILLRACE_DATA_DIR ?? '', 'to-upload.bin')
  await writeFile(path, bytes)
  const id = await run('files', 'upload', path)
  expect(id).toMatch(/^file_/)
  expect(JSON.parse(await run('submit', 'files', `file=${id}`, '--json'))).toMatchObject({ status: 'succeeded' })
  const saved = await run('files', 'save', id, '--out', `${path}.d`)
  expect((await readFile(saved)).equals(bytes)).toBe(true)
  await run('files', 'delete', id)
  expect((await stack.client.request(`/v1/files/${id}`)).status).toBe(404)
})

it('refuses an image that claims too many pixels, and a file that is not what it says', async () => {
  const bomb = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'),
    Buffer.from([0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]),
  ])
  const form = new FormData()
  form.set('file', new File([new Uint8Array(bomb)], 'bomb.png', { type: 'image/png' }))
  const refused = await stack.client.request('/v1/files', { method: 'POST', body: form })
  expect(await problemOf(refused)).toEqual([422, 'file_refused'])
  const before = await keysBelow('blobs/')
  const lie = `data:image/png;base64,${Buffer.from('%PDF-1.7').toString('base64')}`
  expect(await problemOf(await stack.client.submit('files', { input: { file: lie } }))).toEqual([422, 'invalid_input'])
  expect(await keysBelow('blobs/')).toEqual(before)
})

it('gives 1,000 files out of one job, and neither takes nor gives 10,000', { timeout: 120_000 }, async () => {
  // What the store notes of itself comes by the clock.
  const objects = async () => (await keysBelow('')).filter((key) => !key.startsWith('data-set/'))
  const before = { keys: await fileKeys(), objects: await objects() }
  const given = 'data:text/plain,one-of-many'
  const fits = await stack.client.run('files', { file: given, more: 999 })
  expect(fits).toMatchObject({ status: 'succeeded', output: { more: { length: 999 } } })
  expect((await remove(`/v1/jobs/${fits.id}`)).status).toBe(204)
  const tooMany = await stack.client.run('files', { file: given, more: 10_000 })
  expect(tooMany).toMatchObject({ status: 'failed', output: null, error: { code: 'invalid_output', retryable: false } })
  expect(tooMany.error?.message).toContain('more than 1000 files')
  expect((await keysBelow('')).filter((key) => key.includes(`${tooMany.id}/out`))).toEqual([])
  expect((await remove(`/v1/jobs/${tooMany.id}`)).status).toBe(204)
  expect([await fileKeys(), await objects()]).toEqual([before.keys, before.objects])
  const body = `--x\r\n${Array.from({ length: 10_000 }, (_, i) => `content-disposition: form-data; name="/file/${i}"; filename="a"\r\n\r\n${i}\r\n--x`).join('\r\n')}--\r\n`
  // On a connection of its own: it ends with the answer, which comes before the body has.
  const headers = { 'content-type': 'multipart/form-data; boundary=x', connection: 'close' }
  const parts = await stack.client.request('/v1/models/files/jobs', { method: 'POST', headers, body })
  expect(await problemOf(parts)).toEqual([400, 'malformed_multipart'])
  const settled = async () => (await objects()).length === before.objects.length
  await until('what came before the refusal is gone', settled)
  expect(await fileKeys()).toEqual(before.keys)
})

it('takes bytes that are here already only for what they are', async () => {
  const bytes = Buffer.from(`%PDF-1.7 ${randomBytes(8).toString('hex')}`)
  const file = await upload(bytes, 'a.pdf', 'application/pdf')
  const keys = await fileKeys()
  const again = { size: bytes.length, sha256: hash(bytes) }
  expect(await problemOf(await announce({ ...again, name: 'a.png' }))).toEqual([422, 'file_refused'])
  expect(await fileKeys()).toEqual(keys)
  const unnamed = await announce({ ...again, name: 'a' })
  expect([unnamed.status, await unnamed.json()]).toMatchObject([201, { content_type: 'application/pdf' }])
  expect(Buffer.from(await (await fetch(file.url)).arrayBuffer()).equals(bytes)).toBe(true)
})

it('unpacks nothing: an archive is kept as it came', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000))
  expect(await upload(bomb, 'a.gz', '')).toMatchObject({
    size: bomb.length,
    sha256: hash(bomb),
    content_type: 'application/gzip',
  })
})

it('shows nothing of an upload whose server was killed in the middle, and the sweeper removes the rest', async () => {
  const before = await keysBelow('')
  const keys = await fileKeys()
  const api = startMillrace('api', stack.env)
  const url = new URL('/v1/files', await api.url())
  const sending = request(url, { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' } })
  sending.on('error', () => undefined)
  sending.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n')
  const temp = `${stack.env.MILLRACE_DATA_DIR}/files/.store/tmp`
  sending.write(randomBytes(3_000_000))
  await until('its bytes arrive', async () => (await readdir(temp)).length > 0)
  await api.kill('SIGKILL')
  expect([await keysBelow(''), await fileKeys()]).toEqual([before, keys])

  // What a kill between the bytes and the word of them leaves: an object that nobody knows.
  await objects.put('blobs/default/0123456789', Buffer.from('orphan'), { contentType: 'text/plain' })
  const queue = openTestQueue(stack.redis.url)
  const pace = { graceMs: -1000, walkEveryMs: 0 }
  const { files, upkeep: jobs } = queue
  const sweeper = new Sweeper({
    worker: 'w_t',
    files,
    jobs,
    objects,
    logger: silent,
    logFault: () => undefined,
    ownedSince: async () => 0,
    pace,
  })
  await sweeper.round()
  expect((await keysBelow('')).includes('blobs/default/0123456789')).toBe(false)
  expect(await readdir(temp)).toEqual([])
  // Everything that jobs and files still need is there.
  expect(await keysBelow('')).toEqual(before)
  await queue.close()
})
