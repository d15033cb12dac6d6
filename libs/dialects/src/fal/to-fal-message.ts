/** What fal sends to a webhook: how the request ended, with the output or with what was wrong. Called by renderDialectWebhook. */
import type { DialectEvent } from '../values/dialect-event.ts'
import { falOutput } from './fal-output.ts'
import { falDetail, falFailure } from './to-queue-status.ts'

export function toFalMessage({ record, output }: DialectEvent): Record<string, unknown> {
  const about = { request_id: record.id, gateway_request_id: record.id }
  if (record.status === 'succeeded') return { ...about, status: 'OK', payload: falOutput(output) }
  const failure = falFailure(record)
  // In the words of fal: the payload says what it was, as the result of the request does.
  const error = `Invalid status code: ${failure.status}`
  return { ...about, status: 'ERROR', error, payload: falDetail(failure) }
}
