/** What readiness says of an object store, told by real ones that are set up in the usual wrong ways. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Queue } from '@millrace/queue'
import { openConfiguredStore, type StoreConfig, StoreWatch } from '@millrace/storage'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { openTestQueue, silent } from '../../support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { type S3Server, startS3Server } from '../../support/servers/s3-server.ts'
import { until } from '../../support/until.ts'

let redis: TestRedis
let queue: Queue
let s3: S3Server
let dataDir: string
const closing: (() => unknown)[] = []

beforeAll(async () => {
  redis = await startRedis({ appendonly: false })
  queue = openTestQueue(redis.url)
  s3 = await startS3Server()
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-store-watch-'))
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  vi.unstubAllEnvs()
})
afterAll(async () => {
  await queue.close()
  await redis.stop()
  await s3.close()
  rmSync(dataDir, { recursive: true })
})

/** Looked once; what it logged is in `said`. */
async function watching(change: Partial<StoreConfig>, secret = s3.secretAccessKey) {
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secret)
  const config = { dataDir, s3Bucket: s3.bucket, s3Endpoint: s3.endpoint, ...change }
  const objects = await openConfiguredStore(config)
  const said: object[] = []
  const watch = new StoreWatch({
    ...{ objects, memory: queue.dataSet, config, unreadyOn: [] },
    logger: { ...silent, error: (fields) => void said.push(fields), info: (fields) => void said.push(fields) },
    pace: { againMs: 20, everyMs: 20, startMs: 20_000 },
  })
  closing.push(() => objects.close())
  closing.push(() => watch.stop(0))
  await watch.start()
  return { watch, said }
}

it('is content with a store that takes, gives and deletes an object, and leaves none behind', async () => {
  const { watch, said } = await watching({})
  expect([watch.reasons, said]).toEqual([[], []])
  const left: string[] = []
  const objects = await openConfiguredStore({ dataDir, s3Bucket: s3.bucket, s3Endpoint: s3.endpoint })
  for await (const key of objects.list('trial/')) left.push(key)
  await objects.close()
  // It goes on to look: one may be on its way.
  expect(left.length).toBeLessThanOrEqual(1)
})

it.each([
  ['a port on which nobody listens', { s3Endpoint: 'http://127.0.0.1:1' }, 'ECONNREFUSED', /cannot be reached/],
  ['a host that is not known', { s3Endpoint: 'http://store.invalid:9000' }, /ENOTFOUND|EAI_AGAIN/, /S3_ENDPOINT/],
  ['a bucket that is not there', { s3Bucket: 'mistyped' }, 'NoSuchBucket', /does not exist .* correct S3_BUCKET/],
])('says of %s what is wrong, and logs its code', async (_, change, code, reason) => {
  const { watch, said } = await watching(change)
  expect(watch.reasons).toEqual([expect.stringMatching(reason)])
  const told = typeof code === 'string' ? code : expect.stringMatching(code)
  expect(said).toEqual([expect.objectContaining({ code: told })])
})

it('says that a secret is wrong, and never which', async () => {
  const { watch, said } = await watching({}, 'the-wrong-secret')
  expect(watch.reasons).toEqual([expect.stringMatching(/may not write \(403 SignatureDoesNotMatch\)/)])
  expect(said).toEqual([expect.objectContaining({ code: 'SignatureDoesNotMatch' })])
  expect(JSON.stringify([said, watch.reasons])).not.toContain('the-wrong-secret')
})

it('says that there are no credentials', async () => {
  vi.stubEnv('AWS_CONFIG_FILE', join(dataDir, 'none'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(dataDir, 'none'))
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  const { watch } = await watching({}, '')
  expect(watch.reasons).toEqual([expect.stringMatching(/no credentials for S3.*AWS_ACCESS_KEY_ID/)])
})

it('hears that a store has gone', async () => {
  const own = await startS3Server()
  const { watch, said } = await watching({ s3Endpoint: own.endpoint, s3Bucket: own.bucket })
  expect(watch.reasons).toEqual([])
  await own.close()
  await until('it is missed', () => watch.reasons.some((reason) => reason.includes('cannot be reached')), {
    timeoutMs: 20_000,
  })
  expect(said.filter((fields) => 'code' in fields)).toHaveLength(1)
})
