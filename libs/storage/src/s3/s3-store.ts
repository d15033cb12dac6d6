/**
 * The object store on S3 and on stores that speak S3. It is the only driver for production. It speaks of errors in the words
 * of the port. Opened by openObjectStore.
 */
import type { Readable } from 'node:stream'
import { DeleteObjectCommand, GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { putErrorOf } from '../rules/body-check.ts'
import { badRange, byteRange } from '../rules/byte-range.ts'
import { deletablePrefix, objectPrefix, RESERVED } from '../rules/object-key.ts'
import type { ByteRange, ObjectEntry, ObjectInfo } from '../port/object-info.ts'
import type { ObjectStore, PutOptions } from '../port/object-store.ts'
import { StorageError } from '../port/storage-error.ts'
import { readThrough } from '../rules/read-through.ts'
import { bucketKey, placeOf, type S3Bucket, s3Bucket } from './s3-bucket.ts'
import { s3Client, s3Signer } from './s3-client.ts'
import { guarded, s3Error } from './s3-error.ts'
import { hashKey, hashPrefix, WRITE_ID } from './object-hash.ts'
import { headOf, infoOf } from './head-of.ts'
import { deleteEntries, listBucket } from './list-bucket.ts'
import { S3Downloads } from './direct/s3-downloads.ts'
import { S3Uploads } from './direct/s3-uploads.ts'
import { type S3Settings, transferPace } from './s3-settings.ts'
import { KeyTurns, WriteConditions } from './write-once.ts'
import { writeObject } from './write-object.ts'

export class S3Store implements ObjectStore {
  readonly #settings: S3Settings
  readonly #bucket: S3Bucket
  /** It only signs and never connects. */
  readonly #signer: S3Bucket
  readonly #conditions: WriteConditions
  readonly #turns = new KeyTurns()
  readonly uploads: S3Uploads
  readonly downloads: S3Downloads

  /** Throws StorageError `invalid_key` for an invalid prefix. */
  constructor(settings: S3Settings) {
    this.#settings = settings
    this.#bucket = s3Bucket(settings, s3Client(settings))
    this.#signer = s3Bucket(settings, s3Signer(settings))
    this.#conditions = new WriteConditions(this.#bucket, settings.conditionalWrites)
    this.uploads = new S3Uploads(this.#bucket, this.#signer, this.#conditions)
    this.downloads = new S3Downloads(this.#signer)
  }

  async put(key: string, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo> {
    try {
      bucketKey(this.#bucket, key)
      options.signal?.throwIfAborted()
      const conditional = await this.#conditions.heeded()
      const write = () => writeObject({ bucket: this.#bucket, key, conditional }, body, options)
      return await (conditional ? write() : this.#turns.run(key, () => this.#writeIfFree(key, write)))
    } catch (error) {
      if (!Buffer.isBuffer(body)) body.destroy()
      throw putErrorOf(error, options.signal, s3Error)
    }
  }

  async #writeIfFree(key: string, write: () => Promise<ObjectInfo>): Promise<ObjectInfo> {
    if (await headOf(this.#bucket, key)) throw new StorageError('exists', 'the object exists')
    return write()
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    bucketKey(this.#bucket, key)
    // Checked here, because S3 answers a range that makes no sense with the whole object.
    if (range) byteRange(range, Number.MAX_SAFE_INTEGER)
    return guarded(async () => {
      const asked = range ? { Range: `bytes=${range.start}-${range.end ?? ''}` } : {}
      const command = new GetObjectCommand({ ...placeOf(this.#bucket, key), ...asked })
      return this.#bodyOf(await this.#bucket.client.send(command), range)
    })
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    bucketKey(this.#bucket, key)
    return guarded(async () => {
      const found = await headOf(this.#bucket, key)
      return found && infoOf(this.#bucket, key, found)
    })
  }

  async delete(key: string): Promise<void> {
    bucketKey(this.#bucket, key)
    await guarded(async () => {
      const found = await headOf(this.#bucket, key)
      if (!found) return
      await this.#bucket.client.send(new DeleteObjectCommand(placeOf(this.#bucket, key)))
      const { sha256, [WRITE_ID]: writeId } = found.Metadata ?? {}
      if (sha256 !== undefined || writeId === undefined) return
      await this.#bucket.client.send(new DeleteObjectCommand(placeOf(this.#bucket, hashKey(key, writeId))))
    })
  }

  async deletePrefix(prefix: string): Promise<number> {
    deletablePrefix(prefix)
    return guarded(async () => {
      const deleted = await deleteEntries(this.#bucket, this.#pages(prefix))
      // Hashes are deleted after the objects. A crash in between leaves hashes without objects, which nobody sees, and never
      // objects without hashes.
      const hashes = hashPrefix(prefix)
      await deleteEntries(this.#bucket, this.#pages(hashes), (key) => key.slice(hashes.length).includes('/'))
      return deleted
    })
  }

  async *list(prefix: string): AsyncGenerator<string> {
    for await (const { key } of this.listEntries(prefix)) yield key
  }

  async *listEntries(prefix: string): AsyncGenerator<ObjectEntry> {
    objectPrefix(prefix)
    for await (const entries of this.#pages(prefix)) {
      yield* entries.filter(({ key }) => !key.startsWith(`${RESERVED}/`))
    }
  }

  async abortAbandoned(olderThanMs: number, isAbandoned?: (key: string) => Promise<boolean>): Promise<number> {
    let aborted = 0
    for await (const { key, id } of this.uploads.abandoned(olderThanMs)) {
      if (isAbandoned && !(await isAbandoned(key))) continue
      await this.uploads.abort(key, id)
      aborted += 1
    }
    return aborted
  }

  abortPrefix(prefix: string): Promise<number> {
    return this.abortAbandoned(0, async (key) => key.startsWith(prefix))
  }

  async close(): Promise<void> {
    this.#bucket.client.destroy()
    this.#signer.client.destroy()
  }

  #pages(prefix: string): AsyncGenerator<ObjectEntry[]> {
    return listBucket(this.#bucket, prefix, this.#settings.pageSize)
  }

  #bodyOf(answer: GetObjectCommandOutput, range: ByteRange | undefined): Readable {
    const body = answer.Body as Readable | undefined
    if (!body) throw new StorageError('unavailable', 'the object store sent no body')
    if (range && !answer.ContentRange) {
      body.destroy()
      if (answer.ContentLength === 0) throw badRange()
      throw new StorageError('unavailable', 'the object store does not serve ranges')
    }
    return readThrough(body, answer.ContentLength ?? 0, s3Error, transferPace(this.#settings))
  }
}
