/**
 * Signs addresses at which a bucket serves an object to anyone who has the address. It is `downloads` of S3Store. It never
 * connects.
 */
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { safeFileName } from '@millrace/contracts'
import type { DirectDownloads, SignedUrlOptions } from '../../port/direct-access.ts'
import { bucketKey, placeOf, type S3Bucket } from '../s3-bucket.ts'
import { guarded } from '../s3-error.ts'

/** The longest time for which S3 signs. */
const MAX_SECONDS = 7 * 86_400

export class S3Downloads implements DirectDownloads {
  readonly #signer: S3Bucket

  constructor(signer: S3Bucket) {
    this.#signer = signer
  }

  async sign(key: string, options: SignedUrlOptions): Promise<string> {
    const command = new GetObjectCommand({
      ...placeOf(this.#signer, bucketKey(this.#signer, key)),
      ResponseContentDisposition: `attachment; filename="${safeFileName(options.fileName)}"`,
      ResponseContentType: options.contentType,
    })
    const expiresIn = Math.min(MAX_SECONDS, Math.max(1, Math.floor(options.expiresInSeconds)))
    return guarded(() => getSignedUrl(this.#signer.client, command, { expiresIn }))
  }
}
