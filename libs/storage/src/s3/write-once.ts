/**
 * Whether a bucket keeps "write once" by itself, and what stands in for that where it does not. Used by S3Store for its
 * puts, and by S3Uploads for what clients send.
 */
import { HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { RESERVED } from '../rules/object-key.ts'
import { placeOf, type S3Bucket } from './s3-bucket.ts'
import { s3Error, statusOf } from './s3-error.ts'

const PROBE = `${RESERVED}/probe`

/** The answer of one bucket: known beforehand, or asked of it with the first put, and again after a failure. */
export class WriteConditions {
  readonly #bucket: S3Bucket
  readonly #known: boolean | undefined
  #asked: Promise<boolean> | undefined

  constructor(bucket: S3Bucket, known: boolean | undefined) {
    this.#bucket = bucket
    this.#known = known
  }

  /** Whether the store itself refuses to replace an object. Rejects with the SDK's error. */
  heeded(): Promise<boolean> {
    if (this.#known !== undefined) return Promise.resolve(this.#known)
    this.#asked ??= heedsConditions(this.#bucket).catch((error: unknown) => {
      this.#asked = undefined
      throw error
    })
    return this.#asked
  }
}

/**
 * Writes a probe on the condition that it does not exist, although it does. A store that refuses heeds conditions; one that
 * accepts, or does not know the header (501), does not. Rejects with the SDK's error when the store cannot be written to.
 */
async function heedsConditions(bucket: S3Bucket): Promise<boolean> {
  await requireBucket(bucket)
  const facts = { ...placeOf(bucket, PROBE), ...bucket.encryption }
  const probe = () => bucket.client.send(new PutObjectCommand({ ...facts, Body: 'millrace', IfNoneMatch: '*' }))
  try {
    // The first may create it, so only the second tells.
    await probe()
    await probe()
    return false
  } catch (error) {
    // 409: another process writes the probe in this moment; only a store that heeds conditions says so.
    if (s3Error(error).fault === 'exists' || statusOf(error) === 409) return true
    if (statusOf(error) === 501) return false
    throw error
  }
}

/** Some stores create a bucket when it is written to: a mistyped name would become a new, empty bucket unnoticed. */
async function requireBucket({ client, name }: S3Bucket): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: name }))
  } catch (error) {
    // Credentials that may not ask may still be allowed to write.
    if (statusOf(error) === 404) throw Object.assign(error as Error, { name: 'NoSuchBucket' })
  }
}

/** Lets one put per key happen at a time in this process; the others wait for their turn. */
export class KeyTurns {
  readonly #last = new Map<string, Promise<unknown>>()

  async run<T>(key: string, action: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(action, action)
    this.#last.set(key, turn)
    try {
      return await turn
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key)
    }
  }
}
