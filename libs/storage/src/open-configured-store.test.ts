import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type S3Server, startS3Server } from '../../../test/support/servers/s3-server.ts'
import { openConfiguredStore } from './open-configured-store.ts'

let s3: S3Server
beforeAll(async () => {
  s3 = await startS3Server()
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3.secretAccessKey)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await s3.close()
})

const OPTIONS = { expiresInSeconds: 60, contentType: 'text/plain', size: 3 }

it('hands every setting of the bucket on', async () => {
  const bucket = { dataDir: 'unused', s3Bucket: s3.bucket, s3Endpoint: s3.endpoint }
  const store = await openConfiguredStore({
    ...bucket,
    s3Prefix: 'team/one',
    s3PublicEndpoint: 'https://files.example.com',
    s3Region: 'eu-west-1',
    s3PathStyle: true,
    s3Encryption: 'aws:kms',
    s3KmsKeyId: 'key-1',
    s3Checksums: 'required',
  })
  const { url = '', headers = {} } = (await store.uploads?.sign('a', OPTIONS)) ?? {}
  const { origin, pathname, searchParams } = new URL(url)
  expect(origin + pathname).toBe('https://files.example.com/millrace/team/one/a')
  expect(searchParams.get('X-Amz-Credential')).toContain('/eu-west-1/s3/')
  expect(headers).toMatchObject({
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
  })
  await store.close()
  const hosted = await openConfiguredStore({ ...bucket, s3PublicEndpoint: 'https://example.com', s3PathStyle: false })
  const link = await hosted.downloads?.sign('a', { expiresInSeconds: 60, fileName: 'a', contentType: 'text/plain' })
  expect(new URL(link ?? '').host).toBe('millrace.example.com')
  await hosted.close()
})
