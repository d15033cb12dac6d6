import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@millrace/process'
import { openConfiguredStore } from '@millrace/storage'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { type S3Server, startS3Server } from '../../../../test/support/servers/s3-server.ts'
import { checkStore } from './check-store.ts'

let s3: S3Server

beforeAll(async () => {
  s3 = await startS3Server()
})
afterAll(() => s3.close())
afterEach(() => vi.unstubAllEnvs())

function configOf(change: Record<string, string> = {}) {
  const { AWS_SECRET_ACCESS_KEY = s3.secretAccessKey, ...settings } = change
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', AWS_SECRET_ACCESS_KEY)
  return loadConfig({ S3_ENDPOINT: s3.endpoint, S3_BUCKET: s3.bucket, ...settings })
}

it('writes, reads and deletes an object, and leaves nothing behind', async () => {
  const config = configOf()
  expect(await checkStore(config)).toMatchObject({ status: 'ok' })
  const store = await openConfiguredStore(config)
  const keys: string[] = []
  for await (const key of store.list('')) keys.push(key)
  expect(keys).toEqual([])
  await store.close()
})

it('tries out the folder when no bucket is set', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-doctor-'))
  expect(await checkStore(loadConfig({ MILLRACE_DATA_DIR: folder }))).toMatchObject({ status: 'ok' })
  rmSync(folder, { recursive: true })
})

it('uses every setting of the store, and says below which prefix it looked', async () => {
  const config = configOf({ S3_PREFIX: '/team/one/', S3_SSE: 'AES256', S3_PATH_STYLE: 'true', S3_REGION: 'eu-west-1' })
  const finding = await checkStore(config)
  expect(finding).toMatchObject({ status: 'ok', message: expect.stringContaining('below team/one/') })
})

it('says that the region is not known where nothing tells it', async () => {
  vi.stubEnv('AWS_REGION', undefined)
  vi.stubEnv('AWS_CONFIG_FILE', '/nowhere')
  const config = configOf()
  expect(await checkStore({ ...config, s3Endpoint: undefined })).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('which region'),
    mend: expect.stringContaining('S3_REGION'),
  })
})

it.each([
  [{ S3_ENDPOINT: 'http://127.0.0.1:1' }, 'http://127.0.0.1:1 cannot be reached (ECONNREFUSED)'],
  [{ S3_BUCKET: 'nowhere' }, 'bucket nowhere does not exist'],
  [{ AWS_SECRET_ACCESS_KEY: 'wrong' }, 'these credentials may not write (403 SignatureDoesNotMatch)'],
])('says of a bucket with %o that %s', async (change, message) => {
  const finding = await checkStore(configOf(change))
  expect(finding).toMatchObject({ status: 'fail', message: expect.stringContaining(message) })
  expect(finding.mend).toMatch(/\w/)
})
