/**
 * The S3 driver keeps the contract on SeaweedFS, the S3 server of docker-compose.yml: unlike the one of s3.test.ts it is
 * nobody's stand-in, and checks each signature. It differs in what Millrace never asks for: it keeps keys as a tree of files.
 */
import { openObjectStore, type S3Settings } from '@millrace/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { S3Server } from '../../support/servers/s3-server.ts'
import { findSeaweed } from '../../support/servers/seaweed.ts'
import { expectFault, objectStoreSuite } from './object-store.suite.ts'

const seaweed = await findSeaweed()
let server: S3Server
let settings: S3Settings

describe.skipIf(seaweed.isMissing)(seaweed.title, () => {
  beforeAll(async () => {
    server = await seaweed.start()
    const { endpoint, bucket, accessKeyId, secretAccessKey } = server
    settings = { endpoint, bucket, credentials: { accessKeyId, secretAccessKey }, pageSize: 3 }
  })
  afterAll(() => server.close())

  objectStoreSuite('an object store', () => openObjectStore(settings), { isTree: true, light: true })

  describe('signatures', () => {
    const TEXT = { contentType: 'text/plain' }

    it('takes nothing that is signed with another secret, by an unknown user, or for another bucket', async () => {
      for (const wrong of [
        { credentials: { accessKeyId: server.accessKeyId, secretAccessKey: 'another secret' } },
        { credentials: { accessKeyId: 'nobody', secretAccessKey: server.secretAccessKey } },
        { bucket: 'another' },
      ]) {
        const store = await openObjectStore({ ...settings, ...wrong })
        await expectFault(store.put('wrong/a', Buffer.from('x'), TEXT), 'unavailable')
        await store.close()
      }
    })

    it('signs addresses that serve the bytes without credentials, and no others', async () => {
      const store = await openObjectStore(settings)
      await store.put('signed/a b', Buffer.from('the bytes'), { contentType: 'text/html' })
      const options = { expiresInSeconds: 60, fileName: 'my "report".txt', contentType: 'text/plain' }
      const address = (await store.downloads?.sign('signed/a b', options)) ?? ''
      const answer = await fetch(address)
      expect([answer.status, await answer.text()]).toEqual([200, 'the bytes'])
      expect(answer.headers.get('content-type')).toBe('text/plain')
      expect(answer.headers.get('content-disposition')).toBe('attachment; filename="my-report-.txt"')
      for (const other of [address.replace('/a%20b', '/a'), address.replace('X-Amz-Expires=60', 'X-Amz-Expires=61')]) {
        expect(other).not.toBe(address)
        expect((await fetch(other)).status).toBe(403)
      }
      await store.close()
    })
  })
})
