/** The object store on S3 and what speaks S3. The one driver for production; its words for errors are the port's. */
import type { Readable } from 'node:stream'
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { safeFileName } from '@millrace/contracts'
import { putErrorOf } from './body-check.ts'
import { badRange, byteRange } from './byte-range.ts'
import { deletablePrefix, objectKey, objectPrefix, RESERVED } from './key.ts'
import {
  type ByteRange,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
  type SignedUrlOptions,
  StorageError,
} from './object-store.ts'
import { readThrough } from './read-through.ts'
import { s3Client } from './s3-client.ts'
import { s3Error } from './s3-error.ts'
import { hashPrefix, readHash } from './s3-hash.ts'
import type { S3Settings } from './s3-settings.ts'
import { heedsConditions, KeyTurns } from './s3-write-once.ts'
import { writeObject } from './s3-writer.ts'

/** The longest that S3 signs for. */
const MAX_SIGNED_SECONDS = 7 * 86_400

export class S3Store implements ObjectStore {
  readonly #settings: S3Settings
  readonly #bucket: string
  readonly #client: S3Client
  /** Signs only; it never connects. */
  readonly #signer: S3Client
  readonly #turns = new KeyTurns()
  #conditional: Promise<boolean> | undefined

  constructor(settings: S3Settings) {
    this.#settings = settings
    this.#bucket = settings.bucket
    this.#client = s3Client(settings, settings.endpoint)
    this.#signer = settings.publicEndpoint ? s3Client(settings, settings.publicEndpoint) : this.#client
  }

  async put(key: string, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo> {
    try {
      objectKey(key)
      options.signal?.throwIfAborted()
      const conditional = await this.#heedsConditions()
      const write = () => writeObject({ client: this.#client, bucket: this.#bucket, key, conditional }, body, options)
      return await (conditional ? write() : this.#turns.run(key, () => this.#writeIfFree(key, write)))
    } catch (error) {
      if (!Buffer.isBuffer(body)) body.destroy()
      throw putErrorOf(error, options.signal, s3Error)
    }
  }

  async #writeIfFree(key: string, write: () => Promise<ObjectInfo>): Promise<ObjectInfo> {
    if (await this.#head(key)) throw new StorageError('exists', 'the object exists')
    return write()
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    objectKey(key)
    // Said here, because S3 answers a range that makes no sense with the whole object.
    if (range) byteRange(range, Number.MAX_SAFE_INTEGER)
    return guarded(async () => {
      const asked = range ? { Range: `bytes=${range.start}-${range.end ?? ''}` } : {}
      const answer = await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key, ...asked }))
      return bodyOf(answer, range)
    })
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    objectKey(key)
    return guarded(async () => {
      const found = await this.#head(key)
      if (!found) return undefined
      return {
        key,
        size: found.ContentLength ?? 0,
        contentType: found.ContentType ?? 'application/octet-stream',
        sha256: await readHash(this.#client, this.#bucket, key, found.Metadata),
      }
    })
  }

  async deletePrefix(prefix: string): Promise<number> {
    deletablePrefix(prefix)
    return guarded(async () => {
      const deleted = await this.#deleteAll(prefix)
      // After the objects: a crash between leaves hashes without objects, which nobody sees, and never the reverse.
      await this.#deleteAll(hashPrefix(prefix))
      return deleted
    })
  }

  async *list(prefix: string): AsyncGenerator<string> {
    objectPrefix(prefix)
    for await (const keys of this.#pages(prefix)) {
      yield* keys.filter((key) => !key.startsWith(`${RESERVED}/`))
    }
  }

  async signedUrl(key: string, options: SignedUrlOptions): Promise<string> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: objectKey(key),
      ResponseContentDisposition: `attachment; filename="${safeFileName(options.fileName)}"`,
      ResponseContentType: options.contentType,
    })
    const expiresIn = Math.min(MAX_SIGNED_SECONDS, Math.max(1, Math.floor(options.expiresInSeconds)))
    return guarded(() => getSignedUrl(this.#signer, command, { expiresIn }))
  }

  /** Writes a probe, so it also tells a bucket that may only be read. */
  async check(): Promise<void> {
    await guarded(() => heedsConditions(this.#client, this.#bucket))
  }

  async close(): Promise<void> {
    this.#client.destroy()
    this.#signer.destroy()
  }

  #heedsConditions(): Promise<boolean> {
    if (this.#settings.conditionalWrites !== undefined) return Promise.resolve(this.#settings.conditionalWrites)
    this.#conditional ??= heedsConditions(this.#client, this.#bucket).catch((error: unknown) => {
      this.#conditional = undefined
      throw error
    })
    return this.#conditional
  }

  async #head(key: string) {
    try {
      return await this.#client.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: key }))
    } catch (error) {
      const failed = s3Error(error)
      if (failed.fault === 'missing') return undefined
      throw failed
    }
  }

  async *#pages(prefix: string): AsyncGenerator<string[]> {
    const MaxKeys = this.#settings.pageSize ?? 1_000
    let token: string | undefined
    do {
      const asked = { Bucket: this.#bucket, Prefix: prefix, MaxKeys, ContinuationToken: token }
      const page = await guarded(() => this.#client.send(new ListObjectsV2Command(asked)))
      yield (page.Contents ?? []).flatMap((object) => object.Key ?? [])
      token = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (token)
  }

  async #deleteAll(prefix: string): Promise<number> {
    let deleted = 0
    for await (const keys of this.#pages(prefix)) {
      if (keys.length === 0) continue
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true }
      const answer = await this.#client.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete }))
      if (answer.Errors?.length) throw new StorageError('unavailable', 'the object store kept some objects')
      deleted += keys.length
    }
    return deleted
  }
}

function bodyOf(answer: GetObjectCommandOutput, range: ByteRange | undefined): Readable {
  const body = answer.Body as Readable | undefined
  if (!body) throw new StorageError('unavailable', 'the object store sent no body')
  if (range && !answer.ContentRange) {
    body.destroy()
    if (answer.ContentLength === 0) throw badRange()
    throw new StorageError('unavailable', 'the object store does not serve ranges')
  }
  return readThrough(body, answer.ContentLength ?? 0, s3Error)
}

async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw s3Error(error)
  }
}
