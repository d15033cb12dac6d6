/**
 * The part of a bucket that is ours: the client that reaches it, the prefix of its keys, and how its objects are encrypted.
 * Used only by the S3 driver.
 */
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3'
import { objectKey, objectPrefix } from '../rules/object-key.ts'
import { StorageError } from '../port/storage-error.ts'
import type { S3Settings } from './s3-settings.ts'

/** The limit of S3. */
const MAX_KEY_BYTES = 1024
/** The driver's own names add so much to a key: `.store/sha256/` before it, a slash and a UUID behind it. */
const OWN_NAME_BYTES = 51

type Encryption = Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'>

export interface S3Bucket {
  client: S3Client
  name: string
  /** The text before each key: empty, or valid parts that end with a slash. */
  root: string
  /** A part of each request that makes an object. */
  encryption: Encryption
  /** True: hashes are sent, so that the store compares them. */
  checksums: boolean
}

/** Throws StorageError `invalid_key` for a prefix that is not a valid key. */
export function s3Bucket(settings: S3Settings, client: S3Client): S3Bucket {
  const root = objectPrefix(settings.prefix ? `${settings.prefix.replace(/\/+$/, '')}/` : '')
  const { encryption } = settings
  return {
    client,
    name: settings.bucket,
    root,
    checksums: settings.checksums !== 'when_required',
    encryption: encryption
      ? { ServerSideEncryption: encryption.kind, ...(encryption.keyId && { SSEKMSKeyId: encryption.keyId }) }
      : {},
  }
}

/**
 * Returns the key unchanged. Throws StorageError `invalid_key` as `objectKey` does, and when it is too long with our prefix.
 */
export function bucketKey(bucket: S3Bucket, key: string): string {
  objectKey(key)
  if (Buffer.byteLength(bucket.root + key) <= MAX_KEY_BYTES - OWN_NAME_BYTES) return key
  throw new StorageError('invalid_key', 'the object key is not allowed: it is too long below the prefix of this store')
}

/** The place of an object, in the words of the SDK. */
export const placeOf = (bucket: S3Bucket, key: string) => ({ Bucket: bucket.name, Key: bucket.root + key })
