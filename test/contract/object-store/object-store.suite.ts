/** What every driver of the object store must do. Run by folder.test.ts and s3.test.ts. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  type DirectUploads,
  hashObject,
  type ObjectStore,
  StorageError,
  type StorageFault,
  tryStore,
} from '@millrace/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../support/until.ts'

const MB = 1024 * 1024
const TEXT = { contentType: 'text/plain' }

/** Expects a StorageError with that fault. */
export async function expectFault(action: Promise<unknown>, fault: StorageFault): Promise<void> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StorageError)
  expect((error as StorageError).fault).toBe(fault)
}

export const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await allOf(store.list(prefix))).toSorted()
}

/** What a list gives, as an array. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Chunks of the body, cut so that no driver meets its own part size by luck. */
export function streamOf(bytes: Buffer, chunk = 65_521): Readable {
  const cuts = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, n) => n * chunk)
  return Readable.from(
    cuts.map((at) => bytes.subarray(at, at + chunk)),
    { objectMode: false },
  )
}

/** The capability of a driver that has it. */
export function uploadsOf({ uploads }: Pick<ObjectStore, 'uploads'>): DirectUploads {
  if (!uploads) throw new Error('this store takes no uploads')
  return uploads
}

/** In what a store may differ without harm. */
export interface StoreTraits {
  /** It keeps keys as a tree of files, so none can be both an object and the folder of others. Our layout has no such keys. */
  isTree?: boolean
  /** Leaves out bodies that take seconds: another run of the suite has sent them through the same driver. */
  light?: boolean
}

/** The suite. `open` is called once and must give an empty store that lists in pages of 3 if it has pages. */
export function objectStoreSuite(
  name: string,
  open: () => Promise<ObjectStore>,
  { isTree = false, light = false }: StoreTraits = {},
): void {
  describe(name, { timeout: 60_000 }, () => {
    let store: ObjectStore
    let count = 0
    /** A prefix of its own for each test. */
    const fresh = () => {
      count += 1
      return `t${count}/`
    }

    beforeAll(async () => {
      store = await open()
    })
    afterAll(() => store?.close())

    it('is fit for use', async () => {
      await tryStore(store, 30_000)
      expect(await keysOf(store, '')).toEqual([])
    })

    it.each([0, 1, 100_000, 8 * MB + 1, ...(light ? [] : [8 * MB, 17 * MB])])(
      'gives back the %i bytes it was given',
      async (size) => {
        const bytes = randomBytes(size)
        for (const [key, body] of [
          [`${fresh()}buffer.bin`, bytes],
          [`${fresh()}stream.bin`, streamOf(bytes)],
        ] as const) {
          const info = { key, size, contentType: 'image/png', sha256: sha256Of(bytes) }
          expect(await store.put(key, body, { contentType: 'image/png' })).toEqual(info)
          expect(await store.head(key)).toEqual(info)
          expect(sha256Of(await buffer(await store.get(key)))).toBe(info.sha256)
        }
      },
    )

    it('keeps a hash and a size that were announced and are right', async () => {
      const bytes = randomBytes(9 * MB)
      const key = `${fresh()}announced`
      const sha256 = sha256Of(bytes)
      await store.put(key, streamOf(bytes), { ...TEXT, sha256: sha256.toUpperCase(), size: bytes.length })
      expect(await store.head(key)).toEqual({ key, size: bytes.length, contentType: 'text/plain', sha256 })
    })

    it.each([100, 9 * MB])('never changes a key that exists (%i bytes)', async (size) => {
      const key = `${fresh()}once`
      const first = randomBytes(size)
      await store.put(key, first, TEXT)
      await expectFault(store.put(key, randomBytes(size), TEXT), 'exists')
      await expectFault(store.put(key, streamOf(randomBytes(size)), TEXT), 'exists')
      expect(sha256Of(await buffer(await store.get(key)))).toBe(sha256Of(first))
      expect((await store.head(key))?.sha256).toBe(sha256Of(first))
    })

    it.each([
      [1_000, 12],
      [9 * MB, 3],
    ])('lets exactly one of many puts at once win (%i bytes, %i puts)', async (size, writers) => {
      const key = `${fresh()}race`
      const bodies = Array.from({ length: writers }, () => randomBytes(size))
      const results = await Promise.allSettled(bodies.map((body) => store.put(key, streamOf(body), TEXT)))
      const winners = results.flatMap((result, n) => (result.status === 'fulfilled' ? [n] : []))
      expect(winners).toHaveLength(1)
      for (const result of results) {
        if (result.status === 'rejected') await expectFault(Promise.reject(result.reason), 'exists')
      }
      const winner = sha256Of(bodies[winners[0] ?? -1] ?? Buffer.alloc(0))
      expect(sha256Of(await buffer(await store.get(key)))).toBe(winner)
      expect((await store.head(key))?.sha256).toBe(winner)
    })

    it.each([1_000, light ? 9 * MB : 17 * MB])(
      'stores nothing when the bytes are not those announced (%i bytes)',
      async (size) => {
        const prefix = fresh()
        const bytes = randomBytes(size)
        const wrong = [{ sha256: '0'.repeat(64) }, { size: size - 1 }, { size: size + 1 }]
        for (const [n, expected] of wrong.entries()) {
          await expectFault(store.put(`${prefix}s${n}`, streamOf(bytes), { ...TEXT, ...expected }), 'mismatch')
          await expectFault(store.put(`${prefix}b${n}`, bytes, { ...TEXT, ...expected }), 'mismatch')
        }
        expect(await keysOf(store, prefix)).toEqual([])
        await store.put(`${prefix}s0`, bytes, TEXT)
      },
    )

    it('serves ranges', async () => {
      const key = `${fresh()}range`
      await store.put(key, Buffer.from('0123456789'), TEXT)
      const read = async (start: number, end?: number) =>
        (await buffer(await store.get(key, { start, end }))).toString()
      expect(await read(2, 4)).toBe('234')
      expect(await read(0, 9)).toBe('0123456789')
      expect(await read(7)).toBe('789')
      expect(await read(7, 99)).toBe('789')
      await expectFault(read(10), 'mismatch')
      await expectFault(read(5, 4), 'mismatch')
      await expectFault(read(-1), 'mismatch')
    })

    it('says that what is not there is missing', async () => {
      const prefix = fresh()
      expect(await store.head(`${prefix}nothing`)).toBeUndefined()
      await expectFault(store.get(`${prefix}nothing`), 'missing')
      await store.put(`${prefix}a`, Buffer.from('a'), TEXT)
      expect(await store.head(`${prefix}beside`)).toBeUndefined()
      await expectFault(store.get(`${prefix}beside`), 'missing')
      expect(await store.head(`${prefix}a/b`)).toBeUndefined()
      await expectFault(store.get(`${prefix}a/b`), 'missing')
      expect(await store.deletePrefix(`${prefix}none/`)).toBe(0)
      expect(await keysOf(store, `${prefix}none/`)).toEqual([])
    })

    it('lists all keys below a prefix, over more than one page', async () => {
      const prefix = fresh()
      const keys = Array.from({ length: 10 }, (_, n) => `${prefix}${n % 2 ? 'odd/' : ''}${n}.txt`)
      for (const key of keys) await store.put(key, Buffer.from(key), TEXT)
      expect(await keysOf(store, prefix)).toEqual(keys.toSorted())
      expect(await keysOf(store, `${prefix}odd/`)).toHaveLength(5)
    })

    it('deletes what is below a prefix and nothing beside it', async () => {
      const prefix = fresh()
      const inside = Array.from({ length: 8 }, (_, n) => `${prefix}job/${n}/out.txt`)
      const besides = ['job.txt', 'job2/out.txt', 'a/job/out.txt', ...(isTree ? [] : ['job'])]
      const beside = besides.map((name) => prefix + name).toSorted()
      for (const key of [...inside, ...beside]) await store.put(key, Buffer.from(key), TEXT)
      expect(await store.deletePrefix(`${prefix}job/`)).toBe(8)
      expect(await keysOf(store, prefix)).toEqual(beside)
      expect(await store.deletePrefix(`${prefix}job/`)).toBe(0)
      await expectFault(store.deletePrefix(`${prefix}jo`), 'invalid_key')
      await expectFault(store.deletePrefix(''), 'invalid_key')
      expect(await keysOf(store, prefix)).toEqual(beside)
    })

    it('frees the key of a deleted object, large ones with their hash too', async () => {
      const prefix = fresh()
      await store.put(`${prefix}a`, streamOf(randomBytes(9 * MB)), TEXT)
      expect(await store.deletePrefix(prefix)).toBe(1)
      expect(await store.head(`${prefix}a`)).toBeUndefined()
      const again = randomBytes(9 * MB)
      await store.put(`${prefix}a`, streamOf(again), TEXT)
      expect((await store.head(`${prefix}a`))?.sha256).toBe(sha256Of(again))
    })

    it('deletes one object and nothing beside or below it', async () => {
      const prefix = fresh()
      const keys = ['a', 'a/b', 'a.txt', 'b/c'].map((name) => prefix + name)
      for (const key of keys) await store.put(key, streamOf(randomBytes(9 * MB)), TEXT)
      await store.delete(`${prefix}a`)
      await store.delete(`${prefix}b/c`)
      expect(await keysOf(store, prefix)).toEqual([`${prefix}a.txt`, `${prefix}a/b`])
      expect((await store.head(`${prefix}a/b`))?.sha256).toHaveLength(64)
      await store.delete(`${prefix}a`)
      await store.delete(`${prefix}never/was`)
      await expectFault(store.delete('../a'), 'invalid_key')
      await store.put(`${prefix}b/c`, Buffer.from('again'), TEXT)
    })

    it('keeps the hash of an object that has the name of a deleted prefix', async () => {
      const prefix = fresh()
      const info = await store.put(`${prefix}a`, streamOf(randomBytes(9 * MB)), TEXT)
      await store.put(`${prefix}a/b`, streamOf(randomBytes(9 * MB)), TEXT)
      expect(await store.deletePrefix(`${prefix}a/`)).toBe(1)
      expect(await store.head(`${prefix}a`)).toEqual(info)
    })

    it('lists size and time of what is there', async () => {
      const prefix = fresh()
      const sizes = {
        [`${prefix}a`]: 0,
        [`${prefix}b/c`]: 5,
        [`${prefix}d`]: 9 * MB,
        [`${prefix}e`]: 1,
        [`${prefix}f`]: 2,
      }
      const begun = Date.now()
      for (const [key, size] of Object.entries(sizes)) await store.put(key, randomBytes(size), TEXT)
      const found: Record<string, number> = {}
      for await (const { key, size, modifiedAt } of store.listEntries(prefix)) {
        found[key] = size
        // S3 tells whole seconds.
        expect(modifiedAt).toBeGreaterThanOrEqual(begun - 1_000)
        expect(modifiedAt).toBeLessThanOrEqual(Date.now() + 1_000)
      }
      expect(found).toEqual(sizes)
    })

    it('gives up what a writer began and did not end, and nothing younger', async () => {
      const key = `${fresh()}abandoned`
      const body = new PassThrough()
      const put = expectFault(store.put(key, body, TEXT), 'unavailable')
      for (let sent = 0; sent < 20 * MB; sent += MB) {
        if (!body.write(randomBytes(MB))) await once(body, 'drain')
      }
      const sentAt = Date.now()
      await until('what was sent is older than now', () => Date.now() > sentAt + 50)
      await until('the upload has begun, and is given up', async () => {
        expect(await store.abortAbandoned(3_600_000)).toBe(0)
        return (await store.abortAbandoned(0)) > 0
      })
      expect(await store.abortAbandoned(0)).toBe(0)
      body.end()
      await put
      expect(await store.head(key)).toBeUndefined()
    })

    it('reads the hash of an object from its bytes', async () => {
      const key = `${fresh()}hashed`
      const { size, sha256 } = await store.put(key, randomBytes(3 * MB), TEXT)
      expect(await hashObject(store, key)).toEqual({ size, sha256 })
      await expectFault(hashObject(store, `${key}/none`), 'missing')
    })

    it.each([
      '',
      '/a',
      'a/',
      'a//b',
      '..',
      '../a',
      'a/../b',
      'a/..',
      './a',
      'a/.',
      'a\u0000b',
      'a\nb',
      'a\\b',
      '\ud800',
    ])('refuses the key %j in every method', async (key) => {
      await expectFault(store.put(key, Buffer.from('x'), TEXT), 'invalid_key')
      await expectFault(store.get(key), 'invalid_key')
      await expectFault(store.head(key), 'invalid_key')
      const { downloads } = store
      const signing = { expiresInSeconds: 60, fileName: 'a', contentType: 'text/plain' }
      if (downloads) await expectFault(downloads.sign(key, signing), 'invalid_key')
      if (key !== '') await expectFault(keysOf(store, `${key}/`), 'invalid_key')
      await expectFault(store.deletePrefix(`${key}/`), 'invalid_key')
    })

    it('refuses keys that are too long or reserved', async () => {
      await expectFault(store.put('a/'.repeat(600) + 'a', Buffer.from('x'), TEXT), 'invalid_key')
      await expectFault(store.put('é'.repeat(200), Buffer.from('x'), TEXT), 'invalid_key')
      await expectFault(store.put('.store/probe', Buffer.from('x'), TEXT), 'invalid_key')
      await expectFault(keysOf(store, '.store/'), 'invalid_key')
    })

    it('takes any other name as it is', async () => {
      const prefix = fresh()
      // No & < > and quotes: s3rver escapes them twice in its lists.
      const keys = ['a b+c;d=e%2F', 'ü–日本.png', 'it(1)!*~.txt', '..a', 'A', 'x@object', '.hidden']
      for (const key of keys) await store.put(prefix + key, Buffer.from(key), TEXT)
      expect(await keysOf(store, prefix)).toEqual(keys.map((key) => prefix + key).toSorted())
      for (const key of keys) expect((await buffer(await store.get(prefix + key))).toString()).toBe(key)
    })

    it('shows nothing of a put whose body fails, and passes on its error', async () => {
      const prefix = fresh()
      for (const size of [1_000, 20 * MB]) {
        const trouble = new Error('the client went away')
        const body = Readable.from(
          (async function* () {
            for (let sent = 0; sent < size; sent += 1_000) yield randomBytes(1_000)
            throw trouble
          })(),
          { objectMode: false },
        )
        await expect(store.put(`${prefix}${size}`, body, TEXT)).rejects.toBe(trouble)
      }
      expect(await keysOf(store, prefix)).toEqual([])
    })

    it.each([1_000, 20 * MB])('gives up a put that is aborted while its body stalls (after %i bytes)', async (size) => {
      const key = `${fresh()}aborted`
      const abort = new AbortController()
      const body = new PassThrough()
      const put = store.put(key, body, { ...TEXT, signal: abort.signal })
      const failed = expectFault(put, 'unavailable')
      for (let sent = 0; sent < size; sent += 500) {
        if (!body.write(randomBytes(500))) await once(body, 'drain')
      }
      expect(await store.head(key)).toBeUndefined()
      abort.abort()
      await failed
      expect(body.destroyed).toBe(true)
      expect(await store.head(key)).toBeUndefined()
      await expectFault(store.put(key, Buffer.from('x'), { ...TEXT, signal: abort.signal }), 'unavailable')
      await store.put(key, Buffer.from('now it works'), TEXT)
    })

    it.skipIf(light)('keeps memory flat while 60 MB pass', async () => {
      const key = `${fresh()}large`
      const gc = exposeGc()
      const held = () => {
        gc()
        return process.memoryUsage().arrayBuffers
      }
      const before = held()
      let peak = 0
      const body = Readable.from(
        (async function* () {
          for (let sent = 0; sent < 60; sent += 1) {
            if (sent % 4 === 3) peak = Math.max(peak, held() - before)
            yield randomBytes(MB)
          }
        })(),
        { objectMode: false, highWaterMark: MB },
      )
      await store.put(key, body, TEXT)
      let read = 0
      for await (const chunk of await store.get(key)) {
        if (Math.floor(read / (8 * MB)) !== Math.floor((read + chunk.length) / (8 * MB))) {
          peak = Math.max(peak, held() - before)
        }
        read += chunk.length
      }
      expect(read).toBe(60 * MB)
      expect(peak).toBeLessThan(45 * MB)
    })
  })
}

/** Garbage that nobody has collected yet is no leak: measured is what is still held. */
function exposeGc(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
