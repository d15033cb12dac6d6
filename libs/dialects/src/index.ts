/**
 * The shapes of other platforms, made of a job and nothing else: what the API answers in a dialect, and what the worker sends as a
 * webhook in one. Each dialect has a folder.
 */
export { CogEvents } from './cog/cog-events.ts'
export { knownInputs } from './cog/known-inputs.ts'
export { type CogPrediction, type CogPredictionParts, toCogPrediction } from './cog/to-cog-prediction.ts'
export { type CogRefusal, toCogRefusal } from './cog/to-cog-refusal.ts'
export { readRunpodRequest, type RunpodFault, type RunpodRequest } from './runpod/read-runpod-request.ts'
export { runpodStatusOf, type RunpodStatus, toRunpodJob } from './runpod/to-runpod-job.ts'
export { logsOf, withLine } from './values/message-logs.ts'
export { progressLine } from './values/progress-line.ts'
export { toPrediction } from './replicate/to-prediction.ts'
export { toReplicateTraining } from './replicate/to-replicate-training.ts'
export { canonicalVersion, splitVersion, withoutModel } from './replicate/version-name.ts'
export { type ShownFile, showValue, WHOLE_OUTPUT } from './values/show-value.ts'
export type { DialectEvent } from './values/dialect-event.ts'
export {
  type DialectMessage,
  renderDialectWebhook,
  type WebhookSources,
} from './webhooks/render-dialect-webhook.ts'
export { aigesAnswer, aigesError, aigesFailure, AigesFile } from './aiges/aiges-answer.ts'
export { AIGES, AigesRefusal } from './aiges/aiges-codes.ts'
export { aigesInput, type Expected } from './aiges/aiges-input.ts'
export { type ShownInput, toResult } from './ai-integration/to-result.ts'
export { argumentMessages } from './deepaas/argument-messages.ts'
export { failedAnswer } from './deepaas/failed-answer.ts'
export { isDeepaas, toMetadata } from './deepaas/model-metadata.ts'
export { toSwagger } from './deepaas/to-swagger.ts'
export { toTraining, trainingFile } from './deepaas/to-training.ts'
export { falFile, falOutput } from './fal/fal-output.ts'
export { type FalKeySet, type FalWebhook, FalWebhookKey } from './fal/fal-webhook-key.ts'
export { falDetail, falFailure, type FalLog, falStatusOf, toQueueStatus } from './fal/to-queue-status.ts'
export { inferenceInput, INVALID_FORMAT, resultOf } from './inference/inference-input.ts'
export { openaiError, type OpenaiError, openaiFailure, openaiRefusal } from './openai/openai-error.ts'
export { toEmbeddings } from './openai/to-embeddings.ts'
export { toTranscription, TRANSCRIPTION_FORMATS, type TranscriptionFormat } from './openai/to-transcription.ts'
