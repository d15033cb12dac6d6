/**
 * Sends bytes of the object store to a client. An answer gets its headers when its first bytes are there, so that a problem
 * never goes out with the headers of a file. If more or fewer bytes come than announced, the connection ends. Used by the
 * routes that send files and outputs.
 */
import { type ProblemCode, ProblemError } from '@millrace/contracts'
import { type ByteRange, type ObjectReader, StorageError } from '@millrace/storage'
import type { ApiContext, ApiDeps } from './api-deps.ts'

export interface Wanted {
  key: string
  /** Bytes of the whole object, as the record says. */
  size: number
  range?: Required<ByteRange>
  /** The problem to answer with when the store no longer has the object. */
  gone: ProblemCode
}

/** The bytes, exactly as many as announced. Rejects with ProblemError or StorageError when they do not begin to come. */
export async function openObject(objects: ObjectReader, wanted: Wanted): Promise<AsyncGenerator<Buffer>> {
  const { key, size, range, gone } = wanted
  // An empty object has no range to ask for, and nothing to check.
  const source = await objects.get(key, range).catch((error: unknown) => {
    throw refusalOf(error, gone)
  })
  return exactly(source, range ? range.end - range.start + 1 : size)
}

/** For HEAD, which reads nothing: throws as `openObject` would when the object is gone or is not what the record says. */
export async function assertThere(objects: ObjectReader, { key, size, gone }: Omit<Wanted, 'range'>): Promise<void> {
  const there = await objects.head(key)
  if (!there) throw new ProblemError(gone)
  if (there.size !== size) throw damaged()
}

/**
 * A body for an answer. Resolves when its first bytes are there, and rejects when they do not come. If anything goes wrong
 * later, the connection closes, so that the client knows that bytes are missing. The last piece is held back until the source
 * has ended well.
 */
export async function bodyOf(
  c: ApiContext,
  source: AsyncGenerator<Buffer>,
  logger: Pick<ApiDeps['logger'], 'warn'>,
): Promise<ReadableStream<Uint8Array>> {
  let piece = await source.next()
  let next = piece.done ? piece : await source.next()
  const pull = async (to: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    if (piece.done) return to.close()
    to.enqueue(piece.value)
    piece = next
    if (piece.done) return to.close()
    next = await source.next()
  }
  return new ReadableStream(
    {
      pull: (to) =>
        pull(to).catch((error: unknown) => {
          const fault = error instanceof StorageError ? error.fault : String((error as Error)?.message)
          logger.warn({ request_id: c.get('requestId'), job: c.get('jobId'), fault }, 'an answer broke off')
          const { outgoing } = c.env
          if (!outgoing) return to.error(error)
          outgoing.destroy()
          to.close()
        }),
      cancel: async () => void (await source.return(undefined)),
    },
    { highWaterMark: 0 },
  )
}

async function* exactly(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let left = size
  for await (const chunk of source) {
    left -= chunk.length
    if (left < 0) throw damaged()
    yield chunk
  }
  if (left > 0) throw damaged()
}

/** A range that a shorter object does not have is a `mismatch`. */
function refusalOf(error: unknown, gone: ProblemCode): unknown {
  if (!(error instanceof StorageError)) return error
  if (error.fault === 'missing') return new ProblemError(gone, { cause: error })
  return error.fault === 'mismatch' ? damaged(error) : error
}

const damaged = (cause?: unknown) => new ProblemError('object_damaged', { cause })
