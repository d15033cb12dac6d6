/**
 * Where the hash of an object is kept: in its metadata, or (see write-object.ts) in a small object of its own. Used only by
 * the S3 driver.
 */
import { GetObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import { RESERVED } from '../rules/object-key.ts'
import { placeOf, type S3Bucket } from './s3-bucket.ts'
import { s3Error } from './s3-error.ts'

/** The metadata name for the id of the write that made an object. */
export const WRITE_ID = 'write'

const HASHES = `${RESERVED}/sha256/`

/** The key of the object that holds the hash of one write. */
export const hashKey = (key: string, writeId: string): string => `${HASHES}${key}/${writeId}`

/** The prefix of the hashes for all objects below a prefix. deletePrefix must delete them too. */
export const hashPrefix = (prefix: string): string => HASHES + prefix

/**
 * SHA-256 in hexadecimal: the one that Millrace kept, else the one that the store computed over the whole object. Empty when
 * there is none.
 */
export async function readHash(bucket: S3Bucket, key: string, found: HeadObjectCommandOutput): Promise<string> {
  const { sha256, [WRITE_ID]: writeId } = found.Metadata ?? {}
  if (sha256 !== undefined) return sha256
  if (found.ChecksumSHA256 && found.ChecksumType !== 'COMPOSITE') return wholeHash(found.ChecksumSHA256)
  if (writeId === undefined) return ''
  try {
    const answer = await bucket.client.send(new GetObjectCommand(placeOf(bucket, hashKey(key, writeId))))
    return (await answer.Body?.transformToString()) ?? ''
  } catch (error) {
    if (s3Error(error).fault === 'missing') return ''
    throw error
  }
}

/**
 * The hash of an upload in parts is a hash of hashes. It ends with `-<parts>`, even where a store does not call it
 * composite.
 */
const wholeHash = (base64: string): string =>
  base64.includes('-') ? '' : Buffer.from(base64, 'base64').toString('hex')
