import { createHash, randomBytes } from 'node:crypto'
import type { Job, Problem, UploadedFile, UploadView } from '@millrace/contracts'
import { openObjectStore, type ObjectStore } from '@millrace/storage'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type S3Server, startS3Server } from '../../support/servers/s3-server.ts'
import { type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'

/** Uploads straight into a bucket, by addresses that the API signs. */

const MB = 1024 * 1024

let s3: S3Server
let stack: Stack
let objects: ObjectStore

beforeAll(async () => {
  s3 = await startS3Server()
  const { bucket, endpoint, accessKeyId, secretAccessKey } = s3
  objects = await openObjectStore({ bucket, endpoint, credentials: { accessKeyId, secretAccessKey } })
  stack = await startStack({
    env: {
      MILLRACE_MODELS: `${TEST_MODELS}/files`,
      S3_BUCKET: bucket,
      S3_ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  })
  await stack.client.ready('files')
}, 60_000)
afterAll(async () => {
  await stack.stop()
  await objects.close()
  await s3.close()
})

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

async function announce(bytes: Buffer, more: object = {}): Promise<UploadView> {
  const response = await stack.client.request('/v1/files', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'scan.bin', size: bytes.length, sha256: hash(bytes), ...more }),
  })
  expect(response.status).toBe(202)
  return (await response.json()) as UploadView
}

const put = (to: { url: string; headers: Record<string, string> } | null, bytes: Buffer) =>
  fetch(to?.url ?? '', { method: 'PUT', headers: to?.headers, body: new Uint8Array(bytes) })

const complete = (id: string) => stack.client.request(`/v1/files/${id}/complete`, { method: 'POST' })
const problemOf = async (response: Response) => [response.status, ((await response.json()) as Problem).code]

async function blobs(): Promise<string[]> {
  const keys: string[] = []
  for await (const key of objects.list('blobs/')) keys.push(key)
  return keys
}

it('takes a file that was put into the bucket, and a job uses it', async () => {
  const bytes = randomBytes(300_000)
  const upload = await announce(bytes)
  expect(upload.put?.url).toContain(s3.endpoint)
  expect(await problemOf(await complete(upload.id))).toEqual([409, 'upload_incomplete'])
  expect((await put(upload.put, bytes)).status).toBe(200)
  const done = await complete(upload.id)
  expect(done.status).toBe(200)
  const file = (await done.json()) as UploadedFile
  expect(Buffer.from(await (await fetch(file.url)).arrayBuffer()).equals(bytes)).toBe(true)
  const job: Job = await stack.client.run('files', { file: file.id })
  expect(job.output).toMatchObject({ sha256: hash(bytes) })
})

it('refuses bytes that are not the announced ones, and leaves none of them', async () => {
  const before = await blobs()
  const upload = await announce(randomBytes(1000), { size: 2000 })
  const lie = randomBytes(2000)
  const answer = await put(upload.put, lie)
  // S3 itself refuses them by the signed hash; a store that does not is found out when it is completed.
  if (answer.ok) expect(await problemOf(await complete(upload.id))).toEqual([422, 'checksum_mismatch'])
  else expect(await problemOf(await complete(upload.id))).toEqual([409, 'upload_incomplete'])
  expect(await blobs()).toEqual(before)
})

it('takes a large file in parts, and the same bytes once', async () => {
  const bytes = randomBytes(70 * MB)
  const others = await blobs()
  const upload = await announce(bytes)
  expect([upload.put, upload.parts.length > 1]).toEqual([null, true])
  for (const part of upload.parts) {
    expect((await put(part, bytes.subarray(part.start, part.start + part.size))).status).toBe(200)
  }
  const done = await complete(upload.id)
  expect(await done.json()).toMatchObject({ size: bytes.length, sha256: hash(bytes) })
  const stored = await blobs()
  expect(stored).toHaveLength(others.length + 1)
  const job = await stack.client.run('files', { file: upload.id })
  expect(job.output).toMatchObject({ sha256: hash(bytes) })
  expect(await blobs()).toEqual(stored)
  expect((await stack.client.request(`/v1/files/${upload.id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await stack.client.request(`/v1/jobs/${job.id}`, { method: 'DELETE' })).status).toBe(204)
  expect(await blobs()).toEqual(others)
}, 60_000)
