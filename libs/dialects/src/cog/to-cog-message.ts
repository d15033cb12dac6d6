/** What Cog sends to a webhook: the prediction itself. Called by renderDialectWebhook. */
import type { DialectEvent } from '../values/dialect-event.ts'
import { type CogPrediction, toCogPrediction } from './to-cog-prediction.ts'

/** Its `logs` are empty: the receiver reads them. While nothing was given, the output is null. */
export function toCogMessage({ record, input, output: given }: DialectEvent): CogPrediction {
  const isNone = record.status === 'running' && Array.isArray(given) && given.length === 0
  return toCogPrediction({
    record,
    id: record.webhook?.id ?? record.id,
    input,
    output: isNone ? null : given,
    logs: '',
  })
}
