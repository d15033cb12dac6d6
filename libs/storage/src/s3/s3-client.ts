/** The clients of the AWS SDK behind a bucket: one that asks the store, one that only signs. Called by S3Store. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { handlerWithDeadlines } from './handler-with-deadlines.ts'
import { type S3Settings, transferPace } from './s3-settings.ts'

/** First try and two more, with the SDK's growing delay between. */
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

/** The same for addresses that others will ask: at the public endpoint, and with no checksum of a body not there yet. */
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

/** As the SDK finds it. When there is none, the error gets a name, because that of the SDK has only a text. */
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
