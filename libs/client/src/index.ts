/**
 * The client of Millrace's HTTP API, for Node 20 and newer and for browsers: `createClient`, its errors, and ways to
 * put a file into an input. It uses only types of the contracts, so a browser's bundle contains this package and
 * nothing else.
 */
export type { DryRun, StreamedEvent } from '@millrace/contracts'
export type {
  CallOptions,
  EventsOptions,
  JobConditions,
  ListOptions,
  RetryOptions,
  RunOptions,
  SubmitOptions,
  WaitOptions,
} from './call-options.ts'
export type { Client, ClientOptions } from './client.ts'
export { ApiError, ConnectionError, JobFailedError, WaitTimeoutError } from './client-errors.ts'
export { createClient } from './create-client.ts'
export type { BatchCalls } from './jobs/batch-calls.ts'
export type { JobActionCalls } from './jobs/job-action-calls.ts'
export type { SearchCalls, SearchOptions } from './jobs/search-calls.ts'
export { isFinal } from './jobs/is-final.ts'
export type {
  InputOf,
  OutputOf,
  SucceededJob,
  TrainingInputOf,
  TrainingOutputOf,
  TypedModel,
} from './models/model-types.ts'
export type { ScaleOptions } from './models/model-calls.ts'
export type { ModelPauses, ModelView, Pause } from './models/model-view.ts'
export type {
  ReturnedVersion,
  SteeringEventView,
  TrafficGuard,
  VersionCalls,
  VersionList,
  VersionView,
} from './models/version-calls.ts'
export type { FileCalls } from './files/file-calls.ts'
export { fileAt, fileFrom, type FileInput, Upload, type Uploadable } from './files/upload.ts'
export type { ErasureCalls } from './erasures/erasure-calls.ts'
export type { AuditCalls, AuditFilter } from './audit/audit-calls.ts'
export type { TenantCalls, TenantsOptions } from './tenants/tenant-calls.ts'
export type { UsageCalls, UsageOptions } from './usage/usage-calls.ts'
export type { CreatedApiKey, KeyCalls, KeysOptions } from './keys/key-calls.ts'
export type { WorkerCalls } from './workers/worker-calls.ts'
export type { DeliveriesOptions, WebhookCalls } from './webhooks/webhook-calls.ts'
export {
  type VerifyWebhookOptions,
  verifyWebhook,
  type WebhookHeaderSource,
  type WebhookVerificationCode,
  WebhookVerificationError,
} from './webhooks/verify-webhook.ts'
