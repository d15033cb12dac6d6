/** What Replicate sends to a webhook: the prediction itself. Called by renderDialectWebhook. */
import type { DialectEvent } from '../values/dialect-event.ts'
import { progressLine } from './progress-line.ts'
import { toPrediction } from './to-prediction.ts'
import { toReplicateTraining } from './to-replicate-training.ts'

export function toPredictionMessage({ record, input, output, base, owner }: DialectEvent): Record<string, unknown> {
  const logs = record.progress ? progressLine(record.progress, secondsOf(record.started_at, record.finished_at)) : ''
  const parts = { record, owner, input, output, logs, links: { base: `${base}/replicate/v1` } }
  return record.kind === 'training' ? toReplicateTraining(parts) : toPrediction(parts)
}

const secondsOf = (from: string | null, to: string | null): number =>
  from === null || to === null ? 0 : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000)
