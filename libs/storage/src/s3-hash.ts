/** Where the hash of an object is: in its metadata, or (see s3-writer.ts) in a small object of its own. */
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { RESERVED } from './key.ts'
import { s3Error } from './s3-error.ts'

/** Metadata name of the id of the write that made an object. */
export const WRITE_ID = 'write'

const HASHES = `${RESERVED}/sha256/`

/** Key of the object that holds the hash of one write. */
export const hashKey = (key: string, writeId: string): string => `${HASHES}${key}/${writeId}`

/** What deletePrefix must delete too. */
export const hashPrefix = (prefix: string): string => HASHES + prefix

/** SHA-256 in hexadecimal; empty for an object that something else than Millrace has written. */
export async function readHash(
  client: S3Client,
  bucket: string,
  key: string,
  metadata: Record<string, string> = {},
): Promise<string> {
  const { sha256, [WRITE_ID]: writeId } = metadata
  if (sha256 !== undefined) return sha256
  if (writeId === undefined) return ''
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: hashKey(key, writeId) }))
    return (await answer.Body?.transformToString()) ?? ''
  } catch (error) {
    if (s3Error(error).fault === 'missing') return ''
    throw error
  }
}
