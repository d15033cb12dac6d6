/** The object store on S3 and what speaks S3. The one driver for production; its words for errors are the port's. */
import type { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  type HeadObjectCommandOutput,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { safeFileName } from '@millrace/contracts'
import { putErrorOf } from '../rules/body-check.ts'
import { badRange, byteRange } from '../rules/byte-range.ts'
import { deletablePrefix, objectPrefix, RESERVED } from '../rules/object-key.ts'
import {
  type AbandonedUpload,
  type ByteRange,
  type CreateUploadOptions,
  type ObjectEntry,
  type ObjectInfo,
  type ObjectStore,
  type PartUpload,
  type PutOptions,
  type SignedUpload,
  type SignedUploadOptions,
  type SignedUrlOptions,
  type SignPartsOptions,
  StorageError,
  type UploadPart,
} from '../object-store.ts'
import { readThrough } from '../rules/read-through.ts'
import { bucketKey, placeOf, type S3Bucket, s3Bucket } from './s3-bucket.ts'
import { s3Client, s3Signer } from './s3-client.ts'
import { guarded, s3Error } from './s3-error.ts'
import { hashKey, hashPrefix, readHash, WRITE_ID } from './object-hash.ts'
import { headOf } from './head-of.ts'
import { deleteEntries, listBucket } from './list-bucket.ts'
import { S3PartUploads } from './uploads/s3-part-uploads.ts'
import type { S3Settings } from './s3-settings.ts'
import { signUpload } from './uploads/sign-upload.ts'
import { heedsConditions, KeyTurns } from './write-once.ts'
import { writeObject } from './write-object.ts'
import { transferPace } from './transfer-pace.ts'

/** The longest that S3 signs for. */
const MAX_SIGNED_SECONDS = 7 * 86_400

export class S3Store implements ObjectStore {
  readonly #settings: S3Settings
  readonly #bucket: S3Bucket
  /** Signs only; it never connects. */
  readonly #signer: S3Bucket
  readonly #uploads: S3PartUploads
  readonly #turns = new KeyTurns()
  #conditional: Promise<boolean> | undefined

  /** Throws StorageError `invalid_key` for a prefix that cannot be one. */
  constructor(settings: S3Settings) {
    this.#settings = settings
    this.#bucket = s3Bucket(settings, s3Client(settings))
    this.#signer = s3Bucket(settings, s3Signer(settings))
    this.#uploads = new S3PartUploads(this.#bucket, this.#signer, () => this.#heedsConditions())
  }

  async put(key: string, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo> {
    try {
      bucketKey(this.#bucket, key)
      options.signal?.throwIfAborted()
      const conditional = await this.#heedsConditions()
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
    // Said here, because S3 answers a range that makes no sense with the whole object.
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
      return found && this.#infoOf(key, found)
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
      // After the objects: a crash between leaves hashes without objects, which nobody sees, and never the reverse.
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

  async signedUrl(key: string, options: SignedUrlOptions): Promise<string> {
    const command = new GetObjectCommand({
      ...placeOf(this.#signer, bucketKey(this.#signer, key)),
      ResponseContentDisposition: `attachment; filename="${safeFileName(options.fileName)}"`,
      ResponseContentType: options.contentType,
    })
    const expiresIn = Math.min(MAX_SIGNED_SECONDS, Math.max(1, Math.floor(options.expiresInSeconds)))
    return guarded(() => getSignedUrl(this.#signer.client, command, { expiresIn }))
  }

  async signedUpload(key: string, options: SignedUploadOptions): Promise<SignedUpload> {
    bucketKey(this.#bucket, key)
    return guarded(async () => signUpload(this.#signer, key, options, await this.#heedsConditions()))
  }

  createUpload(key: string, options: CreateUploadOptions): Promise<PartUpload> {
    return this.#uploads.create(key, options)
  }

  signParts(key: string, id: string, options: SignPartsOptions): Promise<UploadPart[]> {
    return this.#uploads.sign(key, id, options)
  }

  async completeUpload(key: string, id: string, { size }: { size: number }): Promise<ObjectInfo> {
    const found = await this.#uploads.complete(key, id, size)
    return guarded(() => this.#infoOf(key, found))
  }

  abortUpload(key: string, id: string): Promise<void> {
    return this.#uploads.abort(key, id)
  }

  abandonedUploads(olderThanMs: number): AsyncGenerator<AbandonedUpload> {
    return this.#uploads.abandoned(olderThanMs)
  }

  async abortAbandoned(olderThanMs: number, isAbandoned?: (key: string) => Promise<boolean>): Promise<number> {
    let aborted = 0
    for await (const { key = '', id } of this.abandonedUploads(olderThanMs)) {
      if (isAbandoned && !(await isAbandoned(key))) continue
      await this.abortUpload(key, id)
      aborted += 1
    }
    return aborted
  }

  /** Writes a probe, so it also tells a bucket that may only be read. */
  async check(): Promise<void> {
    await guarded(() => heedsConditions(this.#bucket))
  }

  async close(): Promise<void> {
    this.#bucket.client.destroy()
    this.#signer.client.destroy()
  }

  #heedsConditions(): Promise<boolean> {
    if (this.#settings.conditionalWrites !== undefined) return Promise.resolve(this.#settings.conditionalWrites)
    this.#conditional ??= heedsConditions(this.#bucket).catch((error: unknown) => {
      this.#conditional = undefined
      throw error
    })
    return this.#conditional
  }

  async #infoOf(key: string, found: HeadObjectCommandOutput): Promise<ObjectInfo> {
    return {
      key,
      size: found.ContentLength ?? 0,
      contentType: found.ContentType ?? 'application/octet-stream',
      sha256: await readHash(this.#bucket, key, found),
    }
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
