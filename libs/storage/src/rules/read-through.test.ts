import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { StorageError } from '../port/storage-error.ts'
import { readThrough } from './read-through.ts'

const never = (error: unknown) => new StorageError('missing', 'mapped', { cause: error })
const asItIs = (error: unknown) => (error instanceof StorageError ? error : never(error))

it.each([3, 5])('fails a read of 4 bytes when %i were promised', async (length) => {
  await expect(buffer(readThrough(Readable.from([Buffer.from('1234')]), length, never))).rejects.toBeInstanceOf(
    StorageError,
  )
})

it('maps the error of its source, and destroys the source when the reader leaves', async () => {
  const source = new Readable({ read: () => {} })
  const gate = readThrough(source, 4, never)
  source.destroy(new Error('broken'))
  await expect(buffer(gate)).rejects.toMatchObject({ fault: 'missing' })
  const left = new Readable({ read: () => {} })
  const closed = once(
    left.on('error', () => {}),
    'error',
  )
  readThrough(left, 4, never).destroy()
  await closed
})

it('fails a read that trickles, though it is never silent for long', async () => {
  const source = new Readable({ read: () => {} })
  const timer = setInterval(() => source.push('.'), 10)
  const begun = performance.now()
  const gate = readThrough(source, 1e6, asItIs, { idleMs: 200, minBytesPerSecond: 1_000 })
  await expect(buffer(gate)).rejects.toMatchObject({ fault: 'unavailable' })
  clearInterval(timer)
  expect(performance.now() - begun).toBeLessThan(5_000)
  expect(source.destroyed).toBe(true)
})

it('lets a read go on that is fast enough, and one whose reader is the slow one', async () => {
  const pace = { idleMs: 100, minBytesPerSecond: 100 }
  const fast = new Readable({ read: () => {} })
  const timer = setInterval(() => fast.push(Buffer.alloc(50)), 10)
  const slowReader = readThrough(Readable.from([Buffer.alloc(500)]), 500, never, pace)
  const begun = performance.now()
  let read = 0
  for await (const chunk of readThrough(fast, 2_500, never, pace)) {
    read += (chunk as Buffer).length
    if (read === 2_500) fast.push(null)
  }
  clearInterval(timer)
  await until('four idle times have passed', () => performance.now() - begun > 400)
  expect(await buffer(slowReader)).toHaveLength(500)
})
