/**
 * Tells whether a bucket itself refuses to write a key twice, and replaces that promise where it does not. Used by S3Store
 * for its puts, and by S3Uploads for uploads of clients.
 */
import { HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { RESERVED } from '../rules/object-key.ts'
import { placeOf, type S3Bucket } from './s3-bucket.ts'
import { s3Error, statusOf } from './s3-error.ts'

const PROBE = `${RESERVED}/probe`

/** The answer of one bucket. It is known from the settings, or found out with the first put, and again after a failure. */
export class WriteConditions {
  readonly #bucket: S3Bucket
  readonly #known: boolean | undefined
  #asked: Promise<boolean> | undefined

  constructor(bucket: S3Bucket, known: boolean | undefined) {
    this.#bucket = bucket
    this.#known = known
  }

  /** True when the store itself refuses to replace an object. Rejects with the SDK's error. */
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
 * Writes a probe on the condition that it does not exist, although it does. A store that refuses obeys conditions. A store
 * that accepts it, or does not know the header (501), does not. Rejects with the SDK's error when the store cannot be
 * written to.
 */
async function heedsConditions(bucket: S3Bucket): Promise<boolean> {
  await requireBucket(bucket)
  const facts = { ...placeOf(bucket, PROBE), ...bucket.encryption }
  const probe = () => bucket.client.send(new PutObjectCommand({ ...facts, Body: 'millrace', IfNoneMatch: '*' }))
  try {
    // The first write may create the probe, so only the second one tells.
    await probe()
    await probe()
    return false
  } catch (error) {
    // 409 means that another process writes the probe at this moment. Only a store that obeys conditions answers so.
    if (s3Error(error).fault === 'exists' || statusOf(error) === 409) return true
    if (statusOf(error) === 501) return false
    throw error
  }
}

/**
 * Some stores create a bucket when it is written to. Then a mistyped name would become a new, empty bucket, and nobody would
 * notice.
 */
async function requireBucket({ client, name }: S3Bucket): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: name }))
  } catch (error) {
    // Credentials that may not ask about the bucket may still be allowed to write.
    if (statusOf(error) === 404) throw Object.assign(error as Error, { name: 'NoSuchBucket' })
  }
}

/** Lets only one put per key run at a time in this process. The others wait for their turn. */
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
