/**
 * Streams so many bytes into a store and out again, in a process of its own, and prints what it took as JSON: how far its
 * memory grew beyond what it had before, and the seconds. Started by memory.test.ts; by hand with the
 * settings of a store (JSON) and a number of bytes.
 */
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { type ObjectStoreSettings, openObjectStore } from '@millrace/storage'

const MB = 1024 * 1024
const [settings = '{}', bytes = '0'] = process.argv.slice(2)
const size = Number(bytes)

/** Each block differs from the one before, so that nothing on the way can make it less. */
function* blocks(): Generator<Buffer> {
  const block = randomBytes(MB)
  for (let at = 0; at < size; at += MB) {
    block.writeDoubleLE(at)
    yield Buffer.from(block.subarray(0, Math.min(MB, size - at)))
  }
}

const store = await openObjectStore(JSON.parse(settings) as ObjectStoreSettings)
await store.put('large/warm', Buffer.alloc(1), { contentType: 'text/plain' })
const before = process.memoryUsage.rss()
let peak = before
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 10)

const begun = performance.now()
const body = Readable.from(blocks(), { objectMode: false, highWaterMark: MB })
const { sha256 } = await store.put('large/object', body, { contentType: 'application/octet-stream', size })
const written = performance.now()
const hash = createHash('sha256')
let read = 0
for await (const chunk of await store.get('large/object')) {
  hash.update(chunk as Buffer)
  read += (chunk as Buffer).length
}
clearInterval(watch)
await store.deletePrefix('large/')
await store.close()
const seconds = (from: number, to: number) => Number(((to - from) / 1_000).toFixed(1))
console.log(
  JSON.stringify({
    same: read === size && hash.digest('hex') === sha256,
    grownMb: Math.round((peak - before) / MB),
    up: seconds(begun, written),
    down: seconds(written, performance.now()),
  }),
)
