/** A stream that hashes what goes through it. Used on the way into a backup and out of it. */
import { createHash } from 'node:crypto'
import { Transform } from 'node:stream'

/** `sha256`: of what went through; call it when the stream has ended. */
export function hashing(): { stream: Transform; sha256: () => string } {
  const hash = createHash('sha256')
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  return { stream, sha256: () => hash.digest('hex') }
}
