/** The part of a bucket that is ours: which client reaches it, below which prefix, and how its objects are encrypted. */
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3'
import { objectKey, objectPrefix } from '../rules/object-key.ts'
import { StorageError } from '../port/storage-error.ts'
import type { S3Settings } from './s3-settings.ts'

/** What S3 allows. */
const MAX_KEY_BYTES = 1024
/** What a name of the driver's own adds to a key: `.store/sha256/` before it, a slash and a UUID behind. */
const OWN_NAME_BYTES = 51

type Encryption = Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'>

export interface S3Bucket {
  client: S3Client
  name: string
  /** What stands before each key: empty, or good parts that end with a slash. */
  root: string
  /** Part of each request that makes an object. */
  encryption: Encryption
  /** Whether hashes are sent for the store to compare. */
  checksums: boolean
}

/** Throws StorageError `invalid_key` for a prefix that is no good key. */
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

/** The key unchanged. Throws StorageError `invalid_key` as `objectKey` does, and where it is too long below our prefix. */
export function bucketKey(bucket: S3Bucket, key: string): string {
  objectKey(key)
  if (Buffer.byteLength(bucket.root + key) <= MAX_KEY_BYTES - OWN_NAME_BYTES) return key
  throw new StorageError('invalid_key', 'the object key is not allowed: it is too long below the prefix of this store')
}

/** Where an object is, in the words of the SDK. */
export const placeOf = (bucket: S3Bucket, key: string) => ({ Bucket: bucket.name, Key: bucket.root + key })
