/**
 * The shapes of other platforms, made of a job and nothing else: what the API answers in a dialect, and what the worker sends as a
 * webhook in one. Each dialect has a folder.
 */
export { CogEvents } from './cog/cog-events.ts'
export { type CogPrediction, type CogPredictionParts, toCogPrediction } from './cog/to-cog-prediction.ts'
export { type CogRefusal, toCogRefusal } from './cog/to-cog-refusal.ts'
export { readRunpodRequest, type RunpodFault, type RunpodRequest } from './runpod/read-runpod-request.ts'
export { runpodStatusOf, type RunpodStatus, toRunpodJob } from './runpod/to-runpod-job.ts'
export { progressLine } from './replicate/progress-line.ts'
export { toPrediction } from './replicate/to-prediction.ts'
export { canonicalVersion, splitVersion, withoutModel } from './replicate/version-name.ts'
export { showValue } from './values/show-value.ts'
export type { DialectEvent } from './values/dialect-event.ts'
export {
  type DialectMessage,
  renderDialectWebhook,
  type WebhookSources,
} from './webhooks/render-dialect-webhook.ts'
