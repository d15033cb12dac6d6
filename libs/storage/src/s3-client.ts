import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import type { S3Settings } from './s3-settings.ts'

/** First try and two more, with the SDK's growing delay between. */
const ATTEMPTS = 3

/** The SDK's client for these settings. `endpoint` is given apart because signed URLs may need another. */
export function s3Client(settings: S3Settings, endpoint: string | undefined): S3Client {
  const checksums = settings.checksums === 'when_required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED'
  const config: S3ClientConfig = {
    maxAttempts: ATTEMPTS,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
    requestHandler: {
      connectionTimeout: settings.connectTimeoutMs ?? 3_000,
      socketTimeout: settings.idleTimeoutMs ?? 30_000,
    },
  }
  if (endpoint) {
    config.endpoint = endpoint
    config.forcePathStyle = true
  }
  const region = settings.region ?? (endpoint ? 'us-east-1' : undefined)
  if (region) config.region = region
  if (settings.credentials) config.credentials = settings.credentials
  return new S3Client(config)
}
