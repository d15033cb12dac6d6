/** Holds a stream to the size that was announced for it. Used by the writers of archives. */
import { Transform } from 'node:stream'
import { ArchiveError } from './archive.ts'

export function exactly(size: number, name: string): Transform {
  let seen = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length
      done(seen > size ? new ArchiveError(`${name} has more than the announced ${size} bytes`) : null, chunk)
    },
    flush(done) {
      done(seen < size ? new ArchiveError(`${name} ended after ${seen} of ${size} bytes`) : null)
    },
  })
}
