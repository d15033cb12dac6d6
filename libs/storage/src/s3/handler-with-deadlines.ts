/**
 * Gives each request of the SDK a deadline. The SDK's own time-outs notice only silence, and a slow trickle of bytes is not
 * silence. Called by s3Client.
 */
import type { S3Client } from '@aws-sdk/client-s3'
import { deadlineOf, type TransferPace } from '../rules/transfer-pace.ts'

type Handler = S3Client['config']['requestHandler']

/**
 * The same handler with deadlines: a request must be answered within the time that its bytes take at the minimum speed, plus
 * some grace.
 */
export function handlerWithDeadlines(handler: Handler, pace: TransferPace): Handler {
  const handle = handler.handle.bind(handler)
  handler.handle = (request, options) => {
    const bytes = Number(request.headers['content-length'] ?? 0)
    return handle(request, { ...options, requestTimeout: deadlineOf(pace, bytes) })
  }
  return handler
}
