/**
 * The S3 driver keeps the contract, over HTTP, with a real server process of the S3 protocol: once with one that heeds
 * `If-None-Match: *` as S3 does, once with one that ignores it, where the driver's own HEAD stands in.
 */
import { openObjectStore, type S3Settings } from '@millrace/storage'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type S3Server, startS3Server } from '../../support/servers/s3-server.ts'
import { expectFault, keysOf, objectStoreSuite, uploadsOf } from './object-store.suite.ts'

const servers: S3Server[] = []
afterAll(() => Promise.all(servers.map((server) => server.close())))

async function settingsOf(options: { conditionalWrites: boolean }): Promise<S3Settings> {
  const server = await startS3Server(options)
  servers.push(server)
  const { endpoint, bucket, accessKeyId, secretAccessKey } = server
  return { endpoint, bucket, credentials: { accessKeyId, secretAccessKey }, pageSize: 3 }
}

const suites = [
  { name: 'a part of a bucket that heeds conditions', conditionalWrites: true, prefix: 'team/one' },
  { name: 'a bucket that ignores conditions', conditionalWrites: false, light: true },
]
for (const { name, conditionalWrites, light, ...more } of suites) {
  const open = async () => openObjectStore({ ...(await settingsOf({ conditionalWrites })), ...more })
  objectStoreSuite(name, open, { light })
}

describe('a bucket', () => {
  const bytes = Buffer.from('the bytes')
  let settings: S3Settings
  beforeAll(async () => {
    settings = await settingsOf({ conditionalWrites: true })
  })

  it('signs addresses that serve the bytes without credentials, as a download of that name and type', async () => {
    const store = await openObjectStore(settings)
    await store.put('signed/a b', bytes, { contentType: 'text/html' })
    const options = { expiresInSeconds: 60, fileName: 'my "report"\r\n.txt', contentType: 'text/plain' }
    const answer = await fetch((await store.downloads?.sign('signed/a b', options)) ?? '')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="my-report-.txt"')
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes)
    await store.close()
  })

  it('signs for the address that clients see', async () => {
    const store = await openObjectStore({ ...settings, publicEndpoint: 'https://files.example.com' })
    const options = { expiresInSeconds: 1e9, fileName: 'a', contentType: 'text/plain' }
    const url = new URL((await store.downloads?.sign('a/b', options)) ?? '')
    expect(url.origin + url.pathname).toBe('https://files.example.com/millrace/a/b')
    expect(url.searchParams.get('X-Amz-Expires')).toBe('604800')
    await store.close()
  })

  it('keeps no hash objects once their prefix is deleted', async () => {
    const store = await openObjectStore(settings)
    const large = Buffer.alloc(9 * 1024 * 1024, 'x')
    await store.put('hashes/known', large, { contentType: 'text/plain' })
    const { Readable } = await import('node:stream')
    await store.put('hashes/unknown', Readable.from([large], { objectMode: false }), { contentType: 'text/plain' })
    expect(await rawKeys(settings, '.store/sha256/')).toHaveLength(1)
    expect(await store.deletePrefix('hashes/')).toBe(2)
    expect(await rawKeys(settings, '.store/sha256/')).toEqual([])
    expect(await keysOf(store, '')).not.toContain('.store/probe')
    await store.close()
  })

  it('lets two installations share a bucket, and neither sees or deletes what the other has', async () => {
    const one = await openObjectStore({ ...settings, prefix: 'one' })
    const two = await openObjectStore({ ...settings, prefix: 'two' })
    await one.put('jobs/a', bytes, { contentType: 'text/plain' })
    await two.put('jobs/a', Buffer.from('of two'), { contentType: 'text/plain' })
    expect(await rawKeys(settings, 'one/')).toEqual(expect.arrayContaining(['one/jobs/a']))
    const url = await one.downloads?.sign('jobs/a', { expiresInSeconds: 60, fileName: 'a', contentType: 'text/plain' })
    expect(await (await fetch(url ?? '')).text()).toBe('the bytes')
    expect(await one.deletePrefix('jobs/')).toBe(1)
    expect(await keysOf(two, '')).toEqual(['jobs/a'])
    await uploadsOf(two).begin('jobs/b', { contentType: 'text/plain', size: 10, expiresInSeconds: 60 })
    expect(await one.abortAbandoned(0)).toBe(0)
    expect(await two.abortAbandoned(0)).toBe(1)
    await Promise.all([one.close(), two.close()])
  })

  it('finds credentials as the AWS SDK does, session tokens too', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', settings.credentials?.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', settings.credentials?.secretAccessKey)
    vi.stubEnv('AWS_SESSION_TOKEN', 'a-token')
    const store = await openObjectStore({ ...settings, credentials: undefined })
    await store.put('session/a', bytes, { contentType: 'text/plain' })
    const upload = await uploadsOf(store).sign('session/b', {
      expiresInSeconds: 60,
      contentType: 'text/plain',
      size: 3,
    })
    expect(new URL(upload.url).searchParams.get('X-Amz-Security-Token')).toBe('a-token')
    vi.unstubAllEnvs()
    await store.close()
  })

  it('refuses a key that is too long only below its prefix', async () => {
    const key = Array.from({ length: 4 }, () => 'k'.repeat(239)).join('/')
    const short = await openObjectStore({ ...settings, prefix: 'p'.repeat(12) })
    const long = await openObjectStore({ ...settings, prefix: 'p'.repeat(30) })
    await expectFault(long.put(key, bytes, { contentType: 'text/plain' }), 'invalid_key')
    await expectFault(uploadsOf(long).sign(key, { expiresInSeconds: 9, contentType: 'a/b', size: 1 }), 'invalid_key')
    expect(await short.head(key)).toBeUndefined()
    await Promise.all([short.close(), long.close()])
  })

  it('speaks to a bucket in the host name where that is set, and asks for the encryption that is set', async () => {
    const encryption = { kind: 'aws:kms', keyId: 'key-1' } as const
    const hosted = { ...settings, endpoint: 'https://s3.example.com', pathStyle: false, encryption }
    const store = await openObjectStore({ ...hosted, conditionalWrites: true })
    const upload = await uploadsOf(store).sign('a', { expiresInSeconds: 60, contentType: 'text/plain', size: 3 })
    expect(upload.url).toMatch(/^https:\/\/millrace\.s3\.example\.com\/a\?/)
    expect(upload.headers).toEqual({
      'content-type': 'text/plain',
      'content-length': '3',
      'if-none-match': '*',
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
    })
    await store.close()
  })

  it('calls a wrong bucket, wrong credentials and a closed port unavailable', async () => {
    const wrong = [
      { ...settings, bucket: 'nothing' },
      { ...settings, credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'wrong' } },
      { ...settings, endpoint: 'http://127.0.0.1:1' },
    ]
    for (const each of wrong) {
      const store = await openObjectStore(each)
      await expectFault(store.put('a', bytes, { contentType: 'text/plain' }), 'unavailable')
      await expectFault(store.get('a'), 'unavailable')
      await store.close()
    }
  })
})

/** All keys of the bucket below a prefix, also those that the driver hides: read with the server's own listing. */
async function rawKeys(settings: S3Settings, prefix: string): Promise<string[]> {
  const url = `${settings.endpoint}/${settings.bucket}?list-type=2&prefix=${encodeURIComponent(prefix)}`
  const xml = await (await fetch(url, { headers: { 'x-amz-date': '' } })).text()
  return [...xml.matchAll(/<Key>([^<]*)<\/Key>/g)].map((match) => match[1] ?? '')
}
