/** A job of the kind `training` as a training of Replicate's. Called by the API and by the dispatcher of webhooks. */
import { type PredictionParts, toPrediction } from './to-prediction.ts'

export function toReplicateTraining(parts: PredictionParts): Record<string, unknown> {
  const { record, output, links } = parts
  const self = `${links.base}/trainings/${record.id}`
  const { data_removed: _data, ...rest } = toPrediction(parts)
  return {
    ...rest,
    output: outputOf(output, record.metadata.destination),
    urls: { get: self, cancel: `${self}/cancel` },
  }
}

/** Its clients look for `version` and `weights`. */
function outputOf(output: unknown, destination: string | undefined): unknown {
  if (output === null) return null
  const own = typeof output === 'object' && !Array.isArray(output) ? output : { weights: output }
  return { version: destination ?? null, ...own }
}
