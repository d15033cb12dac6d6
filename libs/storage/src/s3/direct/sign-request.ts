/**
 * Signs one request in its address, together with its headers. None of the headers may then be left out or changed. Called
 * by the files of this folder.
 */
import type { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { SignedUpload } from '../../port/direct-access.ts'
import type { S3Bucket } from '../s3-bucket.ts'

/**
 * `headers` are those that the command will have, in lower case. Without them the SDK would leave the content type unsigned
 * and move `x-amz-…` into the address, where a store that doesn't know them ignores them. The signature is valid for whole
 * seconds, at least 1.
 */
export async function signRequest(
  bucket: S3Bucket,
  command: PutObjectCommand | UploadPartCommand,
  headers: Record<string, string>,
  expiresInSeconds: number,
): Promise<SignedUpload> {
  const names = new Set(Object.keys(headers))
  const url = await getSignedUrl(bucket.client, command as PutObjectCommand, {
    expiresIn: Math.max(1, Math.floor(expiresInSeconds)),
    signableHeaders: names,
    unhoistableHeaders: names,
  })
  return { url, headers }
}
