/** The answer with the bytes of pictures in it, in base64, written while they are read: so a picture of any size takes little memory. */
import type { StoredFile } from '@millrace/contracts'
import type { ObjectReader } from '@millrace/storage'
import { openObject } from '../../http/send-object.ts'

/** Rejects as openObject does. `created`: Unix seconds. */
export async function* imageText(
  objects: ObjectReader,
  files: readonly Pick<StoredFile, 'key' | 'size'>[],
  created: number,
): AsyncGenerator<Buffer> {
  yield Buffer.from(`{"created":${created},"data":[`)
  for (const [i, { key, size }] of files.entries()) {
    yield Buffer.from(`${i === 0 ? '' : ','}{"b64_json":"`)
    // Three bytes make four letters: what is over waits for the next piece.
    let over = Buffer.alloc(0)
    for await (const piece of await openObject(objects, { key, size, gone: 'job_purged' })) {
      const bytes = Buffer.concat([over, piece])
      const whole = bytes.length - (bytes.length % 3)
      yield Buffer.from(bytes.toString('base64', 0, whole))
      over = bytes.subarray(whole)
    }
    yield Buffer.from(`${over.toString('base64')}"}`)
  }
  yield Buffer.from(']}')
}
