/**
 * Puts one object into a bucket, once. Up to 8 MB go in one request, with the hash in the object's metadata. More bytes go
 * in parts. The hash of a stream is known only at its end, when the metadata has long been sent. So it is kept beside the
 * object, under a name with this write's own id, before the parts become an object. Therefore everyone who sees the object
 * can read its hash, even when a process died in between. Called only by S3Store.
 */
import { createHash, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { BodyCheck, BodyError } from '../rules/body-check.ts'
import { safeContentType } from '../rules/safe-content-type.ts'
import type { ObjectInfo } from '../port/object-info.ts'
import type { PutOptions } from '../port/object-store.ts'
import { StorageError } from '../port/storage-error.ts'
import { placeOf, type S3Bucket } from './s3-bucket.ts'
import { s3Error } from './s3-error.ts'
import { hashKey, WRITE_ID } from './object-hash.ts'

const MB = 1024 * 1024
const PART_BYTES = 8 * MB
/** How many parts are sent at once. With the part that is being filled, they limit the memory of a put. */
const PARTS_AT_ONCE = 2
const MAX_PARTS = 10_000

export interface S3Target {
  bucket: S3Bucket
  key: string
  /** True when the store itself refuses to replace an object. */
  conditional: boolean
}

interface Facts {
  ContentType: string
  Metadata: Record<string, string>
}

/** One write. Its id tells its object from one that another write made of the same key. */
interface Write {
  id: string
  hashKept: boolean
  /** Why the bytes stopped, if they did. Giving up the parts may fail too, and that error must not hide this one. */
  stopped?: unknown
}

/** Writes the body to the key. Rejects with the error of the SDK, the body or the check; then nothing is visible. */
export async function writeObject(to: S3Target, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo> {
  const expected = hashIfLarge(body, options)
  const check = new BodyCheck(expected)
  const contentType = safeContentType(options.contentType)
  const write: Write = { id: randomUUID(), hashKept: false }
  const facts: Facts = { ContentType: contentType, Metadata: { [WRITE_ID]: write.id } }
  const { head, rest } = await readHead(check.read(body))
  try {
    if (!rest) {
      facts.Metadata.sha256 = check.sha256
      await putWhole(to, Buffer.concat(head), facts, options.signal)
    } else if (expected.sha256) {
      facts.Metadata.sha256 = expected.sha256.toLowerCase()
      await putParts(to, joined(head, rest, write), facts, options)
    } else {
      await putParts(to, keepingHash(to, joined(head, rest, write), check, write), facts, options)
    }
  } catch (error) {
    await acceptOwn(to, write.stopped ?? error, write)
  }
  if (rest || !to.conditional) await verify(to, write, check.size)
  return { key: to.key, size: check.size, contentType, sha256: check.sha256 }
}

/** When all bytes are here, their hash is known before they are sent, and needs no object of its own. */
function hashIfLarge(body: Readable | Buffer, options: PutOptions): PutOptions {
  if (!Buffer.isBuffer(body) || body.length <= PART_BYTES || options.sha256) return options
  return { ...options, sha256: createHash('sha256').update(body).digest('hex') }
}

async function putWhole(to: S3Target, body: Buffer, facts: Facts, signal: AbortSignal | undefined): Promise<void> {
  const { sha256 } = facts.Metadata
  // With it the store refuses bytes that changed on their way, and can prove the hash later.
  const checksum = to.bucket.checksums && sha256 ? { ChecksumSHA256: base64Of(sha256) } : {}
  const command = new PutObjectCommand({ ...place(to), ...once(to), ...facts, ...checksum, Body: body })
  await to.bucket.client.send(command, signal ? { abortSignal: signal } : {})
}

/** When the body fails on its way, the upload gives up its parts, so they never become an object. */
async function putParts(to: S3Target, chunks: AsyncIterable<Buffer>, facts: Facts, options: PutOptions): Promise<void> {
  const body = Readable.from(chunks, { objectMode: false, highWaterMark: MB })
  const partSize = Math.max(PART_BYTES, Math.ceil((options.size ?? 0) / MAX_PARTS))
  const params = { ...place(to), ...once(to), ...facts, Body: body }
  try {
    await new Upload({ client: to.bucket.client, params, partSize, queueSize: PARTS_AT_ONCE }).done()
  } finally {
    body.destroy()
  }
}

/** The first 8 MB, and the chunks after them. Without `rest`, that was all. */
async function readHead(chunks: AsyncGenerator<Buffer>): Promise<{ head: Buffer[]; rest?: AsyncGenerator<Buffer> }> {
  const head: Buffer[] = []
  for (let bytes = 0; bytes <= PART_BYTES; ) {
    const next = await chunks.next()
    if (next.done) return { head }
    head.push(next.value)
    bytes += next.value.length
  }
  return { head, rest: chunks }
}

async function* joined(head: Buffer[], rest: AsyncGenerator<Buffer>, write: Write): AsyncGenerator<Buffer> {
  try {
    // Each chunk is taken out of the list, so that sent bytes need not stay in memory.
    for (let chunk = head.shift(); chunk; chunk = head.shift()) yield chunk
    yield* rest
  } catch (error) {
    write.stopped = error
    throw error
  } finally {
    await rest.return(undefined)
  }
}

/** The same chunks. The stream ends only after the hash of all of them was kept. */
async function* keepingHash(to: S3Target, chunks: AsyncGenerator<Buffer>, check: BodyCheck, write: Write) {
  yield* chunks
  write.hashKept = true
  const facts = { ...placeOf(to.bucket, hashKey(to.key, write.id)), ...to.bucket.encryption, ContentType: 'text/plain' }
  await to.bucket.client.send(new PutObjectCommand({ ...facts, Body: check.sha256 }))
}

/**
 * An error may come although our own write succeeded: the answer was lost, and the SDK asked again. The id in the object's
 * metadata tells. If it is not ours, the hash that was kept for nothing is deleted and the error is thrown.
 */
async function acceptOwn(to: S3Target, error: unknown, write: Write): Promise<void> {
  // In this case the last request, which makes the object, was never sent.
  const unsent = error instanceof StorageError || error instanceof BodyError
  if (!unsent) {
    const found = await headOf(to).catch(() => undefined)
    if (found?.Metadata?.[WRITE_ID] === write.id) return
  }
  await dropHash(to, write)
  const failed = s3Error(error)
  // The upload is missing here, not an object. A caller of put would not know what to do with `missing`.
  if (!unsent && failed.fault === 'missing') {
    throw new StorageError('unavailable', 'the upload was lost', { cause: failed.cause })
  }
  throw error
}

/**
 * Looks at the object in the store. Another writer's object is `exists`. Another size is `mismatch`, and the object is
 * deleted.
 */
async function verify(to: S3Target, write: Write, size: number): Promise<void> {
  const found = await headOf(to)
  if (found.Metadata?.[WRITE_ID] !== write.id) {
    await dropHash(to, write)
    throw new StorageError('exists', 'another put came first')
  }
  if (found.ContentLength === size) return
  await to.bucket.client.send(new DeleteObjectCommand(place(to)))
  await dropHash(to, write)
  throw new StorageError('mismatch', 'the object store kept another number of bytes')
}

/** Tries only once: a hash that remains is deleted together with its prefix. */
async function dropHash(to: S3Target, write: Write): Promise<void> {
  if (!write.hashKept) return
  const place = placeOf(to.bucket, hashKey(to.key, write.id))
  await to.bucket.client.send(new DeleteObjectCommand(place)).catch(() => {})
}

const base64Of = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')

const headOf = (to: S3Target) => to.bucket.client.send(new HeadObjectCommand(place(to)))

const place = (to: S3Target) => placeOf(to.bucket, to.key)

const once = (to: S3Target) => ({ ...to.bucket.encryption, ...(to.conditional && { IfNoneMatch: '*' }) })
