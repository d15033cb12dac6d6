/** What Cog sends to a webhook: the prediction itself. Called by renderDialectWebhook. */
import type { DialectEvent } from '../values/dialect-event.ts'
import { messageLogs } from '../values/message-logs.ts'
import { type CogPrediction, toCogPrediction } from './to-cog-prediction.ts'

/** While nothing was given, the output is null. */
export function toCogMessage(event: DialectEvent): CogPrediction {
  const { record, input, output: given } = event
  const isNone = record.status === 'running' && Array.isArray(given) && given.length === 0
  const id = record.webhook?.id ?? record.id
  return toCogPrediction({ record, id, input, output: isNone ? null : given, logs: messageLogs(event) })
}
