/** The S3 driver when the network or the store fails: the right word for it, and never half an object. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type ObjectStore, openObjectStore } from '@millrace/storage'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type S3Server, startS3Server } from '../../support/servers/s3-server.ts'
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts'
import { expectFault, keysOf, sha256Of, streamOf } from './object-store.suite.ts'

const MB = 1024 * 1024
const TEXT = { contentType: 'text/plain' }

describe('a bucket behind a bad network', { timeout: 30_000 }, () => {
  let server: S3Server
  let proxy: FaultProxy
  let store: ObjectStore
  /** For faults of silence and slowness: it waits for 300 ms only, and asks for 10 MB a second. */
  let hasty: ObjectStore
  let direct: ObjectStore

  beforeAll(async () => {
    server = await startS3Server()
    proxy = await startFaultProxy(server.endpoint)
    const { bucket, accessKeyId, secretAccessKey } = server
    const settings = { bucket, credentials: { accessKeyId, secretAccessKey } }
    store = await openObjectStore({ ...settings, endpoint: proxy.endpoint, idleTimeoutMs: 10_000 })
    hasty = await openObjectStore({
      ...settings,
      endpoint: proxy.endpoint,
      idleTimeoutMs: 300,
      minBytesPerSecond: 10 * MB,
    })
    direct = await openObjectStore({ ...settings, endpoint: server.endpoint })
    await store.put('warm', Buffer.from('up'), TEXT)
    await hasty.put('warm-hasty', Buffer.from('up'), TEXT)
  })
  beforeEach(() => {
    proxy.plan = () => undefined
    proxy.seen.length = 0
  })
  afterAll(async () => {
    await Promise.all([store?.close(), hasty?.close(), direct?.close()])
    await proxy?.close()
    await server?.close()
  })

  /** Spoils requests that fit, at most `times`. */
  function spoil(fault: Fault, fits: (line: string) => boolean, times = Number.POSITIVE_INFINITY): void {
    let spoilt = 0
    proxy.plan = (req: IncomingMessage) => {
      if (spoilt >= times || !fits(`${req.method} ${req.url}`)) return undefined
      spoilt += 1
      return fault
    }
  }
  const slow = new Set<Fault>(['stall', 'dawdle', 'freeze', 'drip'])
  const patient = (fault: Fault) => (slow.has(fault) ? hasty : store)
  const isPut = (line: string) => line.startsWith('PUT ')
  const isGet = (line: string) => line.startsWith('GET ')
  const isPart = (line: string) => isPut(line) && line.includes('partNumber=')
  const isComplete = (line: string) => line.startsWith('POST ') && line.includes('uploadId=')

  it.each(['error', 'slow-down', 'reset', 'cut', 'swallow'] as const)(
    'gets over two faults in a row: %s',
    async (fault) => {
      const bytes = randomBytes(200_000)
      spoil(fault, isPut, 2)
      const info = await store.put(`twice/${fault}`, bytes, TEXT)
      expect(proxy.seen.filter(isPut)).toHaveLength(3)
      expect(await direct.head(`twice/${fault}`)).toEqual(info)
      spoil(fault, isGet, 2)
      expect(await buffer(await store.get(`twice/${fault}`))).toEqual(bytes)
    },
  )

  it.each(['error', 'slow-down', 'reset', 'cut', 'stall', 'dawdle'] as const)(
    'gives up after three tries of a small put: %s',
    async (fault) => {
      spoil(fault, isPut)
      await expectFault(patient(fault).put(`gone/${fault}`, randomBytes(200_000), TEXT), 'unavailable')
      expect(proxy.seen.filter(isPut)).toHaveLength(3)
      expect(await direct.head(`gone/${fault}`)).toBeUndefined()
    },
  )

  it.each(['error', 'slow-down', 'reset', 'cut', 'stall', 'dawdle'] as const)(
    'leaves nothing of a large put that cannot end: %s',
    async (fault) => {
      for (const fits of [(line: string) => isPart(line) && line.includes('partNumber=2'), isComplete]) {
        spoil(fault, fits)
        await expectFault(patient(fault).put(`large/${fault}`, streamOf(randomBytes(18 * MB)), TEXT), 'unavailable')
        expect(proxy.seen.some((line) => line.startsWith('DELETE ') && line.includes('uploadId='))).toBe(true)
        expect(await keysOf(direct, 'large/')).toEqual([])
      }
    },
  )

  it('knows its own object again when the answer to its completion was lost', async () => {
    const bytes = randomBytes(18 * MB)
    spoil('swallow', isComplete, 1)
    const info = await store.put('lost/answer', streamOf(bytes), TEXT)
    expect(info.sha256).toBe(sha256Of(bytes))
    expect(await direct.head('lost/answer')).toEqual(info)
    expect(proxy.seen.filter(isComplete).length).toBeGreaterThan(1)
  })

  it('still says exists when the answer is lost and the object is another one', async () => {
    await direct.put('lost/other', Buffer.from('first'), TEXT)
    spoil('swallow', isPut, 1)
    await expectFault(store.put('lost/other', Buffer.from('second'), TEXT), 'exists')
    expect((await buffer(await direct.get('lost/other'))).toString()).toBe('first')
  })

  it.each(['truncate', 'freeze', 'drip'] as const)('fails a read whose answer ends half way: %s', async (fault) => {
    const key = `read/${fault}`
    await direct.put(key, randomBytes(3 * MB), TEXT)
    spoil(fault, isGet)
    await expectFault(patient(fault).get(key).then(buffer), 'unavailable')
    await expectFault(
      patient(fault)
        .get(key, { start: 5, end: 2 * MB })
        .then(buffer),
      'unavailable',
    )
  })

  it('refuses bytes that changed on their way in, so that nothing wrong is ever there', async () => {
    spoil('flip', isPut)
    await expectFault(store.put('changed/small', randomBytes(200_000), TEXT), 'unavailable')
    expect(await keysOf(direct, 'changed/')).toEqual([])
  })

  it('fails a read whose bytes changed on their way out', async () => {
    await direct.put('read/changed', randomBytes(3 * MB), TEXT)
    spoil('flip-answer', isGet)
    await expectFault(store.get('read/changed').then(buffer), 'unavailable')
  })

  it('believes its own hash and not the tag that a store answers with', async () => {
    const bytes = randomBytes(200_000)
    spoil('wrong-tag', isPut)
    const info = await store.put('tag/small', bytes, TEXT)
    expect(info.sha256).toBe(sha256Of(bytes))
    expect(await direct.head('tag/small')).toEqual(info)
  })

  it.each(['stall', 'dawdle'] as const)('gives up a put within the time that its bytes may take: %s', async (fault) => {
    spoil(fault, isPut)
    const begun = performance.now()
    await expectFault(hasty.put(`bounded/${fault}`, randomBytes(200_000), TEXT), 'unavailable')
    // Three tries of 0.32 s, and what the SDK waits between them.
    expect(performance.now() - begun).toBeLessThan(8_000)
  })

  it('calls a silent store unavailable, in every method, within the idle time of each try', async () => {
    spoil('stall', () => true)
    await Promise.all([
      expectFault(hasty.head('warm'), 'unavailable'),
      expectFault(hasty.get('warm'), 'unavailable'),
      expectFault(hasty.put('silent/a', Buffer.from('x'), TEXT), 'unavailable'),
      expectFault(hasty.deletePrefix('a/'), 'unavailable'),
      expectFault(keysOf(hasty, 'a/'), 'unavailable'),
    ])
  })

  it('lets go of the connection when a reader stops early', async () => {
    await direct.put('read/half', randomBytes(3 * MB), TEXT)
    for (let n = 0; n < 60; n += 1) (await store.get('read/half')).destroy()
    expect((await buffer(await store.get('warm'))).toString()).toBe('up')
  })
})
