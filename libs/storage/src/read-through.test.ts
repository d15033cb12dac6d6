import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { StorageError } from './object-store.ts'
import { readThrough } from './read-through.ts'

const never = (error: unknown) => new StorageError('missing', 'mapped', { cause: error })

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
