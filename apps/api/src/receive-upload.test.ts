import { createHash } from 'node:crypto'
import type { AnnouncedFile } from '@millrace/queue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFixture } from './app.fixture.ts'
import { FileSigner } from './file-signer.ts'
import { receiveAnnounced } from './receive-upload.ts'

type Fixture = Awaited<ReturnType<typeof createFixture>>
let api: Fixture

beforeEach(async () => {
  api = await createFixture()
})
afterEach(() => api.close())

const id = `file_${'0'.repeat(26)}`
const facts = { id, tenant: 'default', object: 'o1', name: 'a.bin', contentType: 'application/octet-stream' }
const sha256 = createHash('sha256').update('hello').digest('hex')

/** Sends a body for an upload of five bytes that was announced. */
const put = (body: ReadableStream, idleMs?: number) => {
  const file = { ...facts, status: 'announced', size: 5, sha256 } as unknown as AnnouncedFile
  const files = { ...api.deps.files, get: async () => file }
  const deps = { ...api.deps, files, signer: new FileSigner('a secret of the test', { signsEvents: false }) }
  const request = new Request('http://localhost/', { method: 'PUT', body, duplex: 'half' } as RequestInit)
  return receiveAnnounced(deps, { request, tenant: undefined, id, idleMs })
}

const streamOf = (...chunks: string[]) =>
  new ReadableStream({
    start(out) {
      for (const chunk of chunks) out.enqueue(new TextEncoder().encode(chunk))
    },
  })

test('an announced upload that falls silent is given up, and leaves nothing', async () => {
  await expect(put(streamOf('hel'), 50)).rejects.toMatchObject({ code: 'request_timeout' })
  expect(await api.storedKeys()).toEqual([])
})

test('an announced upload that brings more than it said is refused while it arrives', async () => {
  await expect(put(streamOf('hello', ' world'))).rejects.toMatchObject({ code: 'body_too_large' })
  expect(await api.storedKeys()).toEqual([])
})

test('an announced upload is kept once all of it is there', async () => {
  const whole = new Response('hello').body as ReadableStream
  await put(whole)
  expect(await api.storedKeys()).toHaveLength(1)
})
