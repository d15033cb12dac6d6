/**
 * Signs the PUT of one whole object, so that anyone who has the address can write these bytes there and nothing else. Called
 * by S3Uploads.
 */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { safeContentType } from '../../rules/safe-content-type.ts'
import type { SignedUpload, SignedUploadOptions } from '../../port/direct-access.ts'
import { StorageError } from '../../port/storage-error.ts'
import { placeOf, type S3Bucket } from '../s3-bucket.ts'
import { signRequest } from './sign-request.ts'

/** An upload must begin within a quarter of an hour. This limits how long its address can be used again. */
const MAX_SECONDS = 900
/** The largest body that S3 takes in one request. */
const MAX_BYTES = 5 * 1024 ** 3

/** `conditional`: the store itself refuses to replace an object. Throws StorageError `mismatch` for a wrong size. */
export function signUpload(
  bucket: S3Bucket,
  key: string,
  options: SignedUploadOptions,
  conditional: boolean,
): Promise<SignedUpload> {
  const { size, sha256 } = options
  if (!Number.isSafeInteger(size) || size < 0 || size > MAX_BYTES) {
    throw new StorageError('mismatch', 'an upload in one request has from 0 bytes to 5 GiB')
  }
  const checksum = sha256 === undefined ? undefined : Buffer.from(sha256, 'hex').toString('base64')
  const contentType = safeContentType(options.contentType)
  const { ServerSideEncryption: encryption, SSEKMSKeyId: keyId } = bucket.encryption
  const command = new PutObjectCommand({
    ...placeOf(bucket, key),
    ...bucket.encryption,
    ContentType: contentType,
    ContentLength: size,
    ...(checksum && { ChecksumSHA256: checksum }),
    ...(conditional && { IfNoneMatch: '*' }),
  })
  const headers = {
    'content-type': contentType,
    'content-length': String(size),
    ...(checksum && { 'x-amz-checksum-sha256': checksum }),
    ...(conditional && { 'if-none-match': '*' }),
    ...(encryption && { 'x-amz-server-side-encryption': encryption }),
    ...(keyId && { 'x-amz-server-side-encryption-aws-kms-key-id': keyId }),
  }
  return signRequest(bucket, command, headers, Math.min(MAX_SECONDS, options.expiresInSeconds))
}
