/**
 * Uploads that a client sends to the bucket by itself, whole or in parts. They begin and end here; the bytes go straight to
 * the store. It is `uploads` of S3Store. The client need not remember anything about its parts: the store is asked which
 * ones arrived.
 */
import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type HeadObjectCommandOutput,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  ListPartsCommand,
  type Part,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type {
  DirectUploads,
  PartUpload,
  PartUploadOptions,
  SignedUpload,
  SignedUploadOptions,
  UploadPart,
} from '../../port/direct-access.ts'
import type { ObjectInfo } from '../../port/object-info.ts'
import { StorageError } from '../../port/storage-error.ts'
import { safeContentType } from '../../rules/safe-content-type.ts'
import { bucketKey, placeOf, type S3Bucket } from '../s3-bucket.ts'
import { guarded, s3Error } from '../s3-error.ts'
import { WRITE_ID } from '../object-hash.ts'
import { headOf, infoOf } from '../head-of.ts'
import type { WriteConditions } from '../write-once.ts'
import { signRequest } from './sign-request.ts'
import { signUpload } from './sign-upload.ts'
import { cutParts } from './cut-parts.ts'

const MAX_SECONDS = 3_600

export class S3Uploads implements DirectUploads {
  readonly #bucket: S3Bucket
  readonly #signer: S3Bucket
  readonly #conditions: WriteConditions

  /** `signer` is the bucket with the address that clients reach. */
  constructor(bucket: S3Bucket, signer: S3Bucket, conditions: WriteConditions) {
    this.#bucket = bucket
    this.#signer = signer
    this.#conditions = conditions
  }

  async sign(key: string, options: SignedUploadOptions): Promise<SignedUpload> {
    bucketKey(this.#bucket, key)
    return guarded(async () => signUpload(this.#signer, key, options, await this.#conditions.heeded()))
  }

  async begin(key: string, options: PartUploadOptions): Promise<PartUpload> {
    bucketKey(this.#bucket, key)
    cutParts(options.size)
    return guarded(async () => {
      const writeId = randomUUID()
      const answer = await this.#bucket.client.send(
        new CreateMultipartUploadCommand({
          ...placeOf(this.#bucket, key),
          ...this.#bucket.encryption,
          ContentType: safeContentType(options.contentType),
          Metadata: { [WRITE_ID]: writeId },
        }),
      )
      const id = `${writeId}.${answer.UploadId ?? ''}`
      return { id, parts: await this.#signParts(key, id, options) }
    })
  }

  async #signParts(key: string, id: string, options: PartUploadOptions): Promise<UploadPart[]> {
    const place = { ...placeOf(this.#signer, bucketKey(this.#signer, key)), UploadId: uploadIdOf(id) }
    const seconds = Math.min(MAX_SECONDS, options.expiresInSeconds)
    const parts = cutParts(options.size).map(async (part) => {
      const command = new UploadPartCommand({ ...place, PartNumber: part.partNumber, ContentLength: part.size })
      return {
        ...part,
        ...(await signRequest(this.#signer, command, { 'content-length': String(part.size) }, seconds)),
      }
    })
    return guarded(() => Promise.all(parts))
  }

  async complete(key: string, id: string, { size }: { size: number }): Promise<ObjectInfo> {
    bucketKey(this.#bucket, key)
    return guarded(async () => infoOf(this.#bucket, key, await this.#complete(key, id, size)))
  }

  async #complete(key: string, id: string, size: number): Promise<HeadObjectCommandOutput> {
    try {
      await this.#join(key, uploadIdOf(id), size)
    } catch (error) {
      // An earlier call may have completed it and lost its answer, or another call did so at the same moment. The object
      // tells.
      const found = await headOf(this.#bucket, key)
      if (isOf(found, id)) return found
      throw error
    }
    const found = await headOf(this.#bucket, key)
    if (isOf(found, id)) return found
    throw new StorageError('exists', 'another put came first')
  }

  async #join(key: string, UploadId: string, size: number): Promise<void> {
    const parts = await this.#arrived(key, UploadId)
    const total = parts.reduce((sum, { Size = 0 }) => sum + Size, 0)
    if (total !== size) throw new StorageError('mismatch', 'the parts that arrived are another number of bytes')
    const conditional = await this.#conditions.heeded()
    if (!conditional && (await headOf(this.#bucket, key))) throw new StorageError('exists', 'the object exists')
    await this.#bucket.client.send(
      new CompleteMultipartUploadCommand({
        ...placeOf(this.#bucket, key),
        UploadId,
        MultipartUpload: { Parts: parts.map(partRef) },
        ...(conditional && { IfNoneMatch: '*' }),
      }),
    )
  }

  /** The parts that have arrived, in the order of their numbers. */
  async #arrived(key: string, UploadId: string): Promise<Part[]> {
    const parts: Part[] = []
    let PartNumberMarker: string | undefined
    do {
      const command = new ListPartsCommand({ ...placeOf(this.#bucket, key), UploadId, PartNumberMarker })
      const page = await this.#bucket.client.send(command)
      parts.push(...(page.Parts ?? []))
      PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined
    } while (PartNumberMarker)
    return parts.toSorted((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0))
  }

  async abort(key: string, id: string): Promise<void> {
    bucketKey(this.#bucket, key)
    const command = new AbortMultipartUploadCommand({ ...placeOf(this.#bucket, key), UploadId: uploadIdOf(id) })
    try {
      await this.#bucket.client.send(command)
    } catch (error) {
      const failed = s3Error(error)
      if (failed.fault !== 'missing') throw failed
    }
  }

  /** Uploads that began longer ago than this. Among them are those of our own writers that were killed. */
  async *abandoned(olderThanMs: number): AsyncGenerator<AbandonedUpload> {
    const before = Date.now() - olderThanMs
    let from: UploadMarker | undefined = {}
    while (from) {
      const page = await this.#page(from)
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Key === undefined || UploadId === undefined || !Key.startsWith(this.#bucket.root)) continue
        const key = Key.slice(this.#bucket.root.length)
        const since = Initiated ?? (await this.#newestPart(key, UploadId))
        if (since === undefined ? olderThanMs <= 0 : since.getTime() < before) yield { key, id: `.${UploadId}` }
      }
      const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = page
      from = page.IsTruncated && KeyMarker !== undefined ? { KeyMarker, UploadIdMarker } : undefined
    }
  }

  /**
   * For a store whose list does not say when an upload began (SeaweedFS up to 4.47). An upload without a part is of no age
   * then, and is given up only with all others: it may be about to get its first one, and it takes no room.
   */
  async #newestPart(key: string, UploadId: string): Promise<Date | undefined> {
    try {
      const parts = await guarded(() => this.#arrived(key, UploadId))
      const times = parts.flatMap(({ LastModified }) => LastModified?.getTime() ?? [])
      return times.length === 0 ? undefined : new Date(Math.max(...times))
    } catch (error) {
      // It was completed or given up meanwhile.
      if (error instanceof StorageError && error.fault === 'missing') return undefined
      throw error
    }
  }

  /** No prefix is sent, because MinIO takes it for a whole key. */
  #page(from: UploadMarker): Promise<ListMultipartUploadsCommandOutput> {
    const { client, name } = this.#bucket
    return guarded(() => client.send(new ListMultipartUploadsCommand({ Bucket: name, ...from })))
  }
}

interface AbandonedUpload {
  key: string
  id: string
}

interface UploadMarker {
  KeyMarker?: string
  UploadIdMarker?: string
}

/** The store's own part of the id. The text before the dot tells this upload's object from any other. */
const uploadIdOf = (id: string): string => {
  const dot = id.indexOf('.')
  if (dot < 0 || dot === id.length - 1) throw new StorageError('missing', 'there is no such upload')
  return id.slice(dot + 1)
}

const isOf = (found: HeadObjectCommandOutput | undefined, id: string): found is HeadObjectCommandOutput =>
  found?.Metadata?.[WRITE_ID] !== undefined && found.Metadata[WRITE_ID] === id.slice(0, id.indexOf('.'))

const partRef = ({ PartNumber, ETag }: Part) => ({ PartNumber, ETag })
