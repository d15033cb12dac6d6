/** What Replicate sends to a webhook: the prediction itself. Called by renderDialectWebhook. */
import type { DialectEvent } from '../values/dialect-event.ts'
import { messageLogs } from '../values/message-logs.ts'
import { toPrediction } from './to-prediction.ts'
import { toReplicateTraining } from './to-replicate-training.ts'

export function toPredictionMessage(event: DialectEvent): Record<string, unknown> {
  const { record, input, output, base, owner } = event
  const logs = messageLogs(event)
  const parts = { record, owner, input, output, logs, links: { base: `${base}/replicate/v1` } }
  return record.kind === 'training' ? toReplicateTraining(parts) : toPrediction(parts)
}
