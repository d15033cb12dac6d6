/** Makes the clients of the AWS SDK for a bucket: one that asks the store, and one that only signs. Called by S3Store. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { handlerWithDeadlines } from './handler-with-deadlines.ts'
import { type S3Settings, transferPace } from './s3-settings.ts'

/** The first try and two more, with the SDK's growing delay between them. */
const ATTEMPTS = 3

/** The SDK's client for these settings. */
export function s3Client(settings: S3Settings): S3Client {
  const pace = transferPace(settings)
  const client = new S3Client({
    ...reach(settings, settings.endpoint),
    ...checksums(settings.checksums === 'when_required' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED'),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: settings.connectTimeoutMs ?? 3_000,
      socketTimeout: pace.idleMs,
      throwOnRequestTimeout: true,
    },
  })
  client.config.requestHandler = handlerWithDeadlines(client.config.requestHandler, pace)
  return client
}

/**
 * A client for addresses that others will ask. It uses the public endpoint, and no checksum, because the body does not exist
 * yet.
 */
export const s3Signer = (settings: S3Settings): S3Client =>
  new S3Client({
    ...reach(settings, settings.publicEndpoint ?? settings.endpoint),
    ...checksums('WHEN_REQUIRED'),
  })

function reach(settings: S3Settings, endpoint: string | undefined): S3ClientConfig {
  return {
    ...(endpoint && { endpoint }),
    forcePathStyle: settings.pathStyle ?? endpoint !== undefined,
    region: settings.region ?? (settings.endpoint ? 'us-east-1' : foundRegion()),
    ...(settings.credentials && { credentials: settings.credentials }),
  }
}

/** The region that the SDK finds. When there is none, the error gets a name, because the SDK's own error has only a text. */
function foundRegion(): () => Promise<string> {
  const { region } = new S3Client({}).config
  return () =>
    region().catch((cause: unknown) => {
      throw Object.assign(new Error('the region of the bucket is not known', { cause }), { name: 'RegionMissing' })
    })
}

const checksums = (when: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED'): S3ClientConfig => ({
  requestChecksumCalculation: when,
  responseChecksumValidation: when,
})
