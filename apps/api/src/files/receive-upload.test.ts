import { createHash } from 'node:crypto'
import type { AnnouncedFile } from '@millrace/queue'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { createFixture } from '../app.fixture.ts'
import { FileSigner } from '@millrace/webhooks'
import { guardArrival } from '../http/body/guard-arrival.ts'
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
  return receiveAnnounced(deps, { request, reader: 'signed', id, idleMs })
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

const dripping = (everyMs: number, bytes: number) => {
  let timer: NodeJS.Timeout
  return new ReadableStream({
    start(out) {
      timer = setInterval(() => out.enqueue(new Uint8Array(bytes)), everyMs)
    },
    cancel: () => clearInterval(timer),
  })
}

test('bytes that drip are given up, though they are never silent for long', async () => {
  const drip = dripping(5, 1)
  const failed = new Promise((resolve) => {
    const { meter, stop } = guardArrival({ maxBytes: 1e6, idleMs: 200 }, resolve)
    void pipeline(Readable.fromWeb(drip as NodeStream), meter.resume()).catch(() => undefined)
    onTestFinished(() => {
      stop()
      meter.destroy()
    })
  })
  expect(await failed).toMatchObject({ code: 'request_timeout', message: expect.stringContaining('too slowly') })
})

test('a client is not blamed for a store that takes its bytes slowly', async () => {
  let failed: unknown
  const { meter, stop } = guardArrival({ maxBytes: 1e6, idleMs: 50 }, (error) => (failed = error))
  meter.write(Buffer.alloc(100_000))
  const begun = performance.now()
  await until('four idle times have passed', () => performance.now() - begun > 200)
  expect(failed).toBeUndefined()
  meter.resume()
  await until('what is silent then is given up', () => failed !== undefined)
  stop()
})
