/** Asks a bucket about one object, and puts the answer into the words of the port. Used only by the S3 driver. */
import { HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import type { ObjectInfo } from '../port/object-info.ts'
import { readHash } from './object-hash.ts'
import { placeOf, type S3Bucket } from './s3-bucket.ts'
import { s3Error } from './s3-error.ts'

/** The bucket's answer, with the store's own checksum if it has one. Undefined when there is no such object. */
export async function headOf(bucket: S3Bucket, key: string): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await bucket.client.send(new HeadObjectCommand({ ...placeOf(bucket, key), ChecksumMode: 'ENABLED' }))
  } catch (error) {
    const failed = s3Error(error)
    if (failed.fault === 'missing') return undefined
    throw failed
  }
}

/** The answer of `headOf` in the words of the port. */
export const infoOf = async (bucket: S3Bucket, key: string, found: HeadObjectCommandOutput): Promise<ObjectInfo> => ({
  key,
  size: found.ContentLength ?? 0,
  contentType: found.ContentType ?? 'application/octet-stream',
  sha256: await readHash(bucket, key, found),
})
