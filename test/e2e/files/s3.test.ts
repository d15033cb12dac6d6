import { createHash } from 'node:crypto'
import type { FileView } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type S3Server, startS3Server } from '../../support/servers/s3-server.ts'
import { SHIPPED_MODELS, type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'

/** The same jobs as with a folder, with S3 in its place. */

let s3: S3Server
let stack: Stack

beforeAll(async () => {
  s3 = await startS3Server()
  stack = await startStack({
    env: {
      MILLRACE_MODELS: `${SHIPPED_MODELS}/echo,${TEST_MODELS}/noop`,
      S3_BUCKET: s3.bucket,
      S3_ENDPOINT: s3.endpoint,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    },
  })
  for (const model of ['echo', 'noop']) await stack.client.ready(model)
}, 60_000)
afterAll(async () => {
  await stack.stop()
  await s3.close()
})

it('stores an output file in the bucket and redirects to a signed address of it', async () => {
  const size = 20 * 1024 * 1024
  const done = await stack.client.run('echo', { message: 'in s3', size_bytes: size })
  const file = (done.output as { file: FileView }).file
  const redirect = await fetch(file.url, { redirect: 'manual' })
  expect(redirect.status).toBe(302)
  expect(redirect.headers.get('location')).toContain(s3.endpoint)
  const response = await fetch(file.url)
  const bytes = Buffer.from(await response.arrayBuffer())
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256)
  expect([bytes.length, response.headers.get('content-disposition')]).toEqual([
    size,
    expect.stringContaining('echo.bin'),
  ])
  const preview = await fetch(`${file.url}&via=api`, { redirect: 'manual', headers: { range: 'bytes=10-' } })
  const first = Buffer.from(await preview.arrayBuffer())
  expect([preview.status, preview.headers.get('content-range')]).toEqual([206, `bytes 10-65545/${size}`])
  expect(first.equals(bytes.subarray(10, 65_546))).toBe(true)
})

it('keeps large JSON values in the bucket, and purges all of it with the job', async () => {
  const text = 'x'.repeat(100_000)
  const done = await stack.client.run('noop', { text })
  const output = await stack.client.request(`/v1/jobs/${done.id}/output`)
  expect(await output.json()).toEqual({ text })
  expect((await stack.client.request(`/v1/jobs/${done.id}`, { method: 'DELETE' })).status).toBe(204)
  expect((await stack.client.request(`/v1/jobs/${done.id}/output`)).status).toBe(410)
})
