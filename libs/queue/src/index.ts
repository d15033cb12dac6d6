/** What other rooms may know of the queue. */
export type * from './ports/file-store.ts'
export {
  contractsOf,
  isPinned,
  lineOfContract,
  lineOfContractNamed,
  lineOfVersion,
  linesOf,
  versionOfLine,
} from './models/lines-of.ts'
export {
  batchIdFrom,
  newAuditId,
  newBatchId,
  newJobId,
  newObjectName,
  newUploadId,
  uploadIdFrom,
  tagOf as tagOfModel,
} from './redis/keys.ts'
export { bytesOf } from './record/bytes-of.ts'
export { scriptNames } from './scripts/define-scripts.ts'
export { freshRecord } from './record/record-fields.ts'
export { InvalidCursorError } from './redis/newest-entries.ts'
export { type ConfiguredQueue, openConfiguredQueue, type QueueConfig } from './open-configured-queue.ts'
export { openQueue, type Queue, type QueueOptions } from './open-queue.ts'
export type * from './ports/attempt-store.ts'
export type * from './ports/access/audit-log.ts'
export type * from './ports/bulk/batches.ts'
export type * from './ports/bulk/cancellations.ts'
export type * from './ports/bulk/erasures.ts'
export type * from './ports/bulk/job-actions.ts'
export { JobActionRunner } from './actions/job-action-runner.ts'
export type * from './ports/change-feed.ts'
export type * from './ports/hand-out.ts'
export type * from './ports/job-control.ts'
export type * from './ports/access/key-store.ts'
export type * from './ports/job-intake.ts'
export type * from './ports/job-reader.ts'
export type * from './ports/model-registry.ts'
export type * from './ports/queue-states.ts'
export type * from './ports/scaling/model-scaling.ts'
export * from './ports/steering/model-steering.ts'
export type * from './ports/reader.ts'
export type * from './ports/repeat-store.ts'
export type * from './ports/bulk/relocations.ts'
export type * from './ports/access/tenant-store.ts'
export type * from './ports/upkeep-store.ts'
export * from './ports/usage/lengths.ts'
export type * from './ports/usage/model-minutes.ts'
export * from './ports/usage/usage-store.ts'
export type * from './ports/shelf-store.ts'
export { createLogPages, eventsOf, type LogPages } from './log/log-pages.ts'
export { isLaterEvent, packLog, toLogged, unpackLog } from './log/shelved-log.ts'
export type * from './ports/webhook-store.ts'
export type * from './ports/worker-registry.ts'
export { isUnavailable, QueueUnavailableError } from './redis/redis-connection.ts'
export { MEMORY_LEVELS } from './redis/memory-levels.ts'
export type { RedisHealth } from './health/inspect-server.ts'
export { type Hardship, hardshipsOf } from './health/hardships.ts'
export { addRedisMetrics } from './health/add-redis-metrics.ts'
export { RedisWatch, type RedisWatchOptions } from './health/redis-watch.ts'
export type { SubmitLimits } from './jobs/submit-batcher.ts'
export { probeRedis, type RedisProbe, RedisProbeError } from './health/probe-redis.ts'
export { endpointTargets } from './webhooks/endpoint-targets.ts'
export { secretsAt, turnSecret } from './webhooks/turning-secret.ts'
export { copyRecord, type CopiedRecord, RecordCopyError } from './backup/copy-record.ts'
export { type CopiedKey, RecordCounter, type RecordCounts } from './backup/copied-key.ts'
export { measureRecord, type RecordMemory } from './backup/measure-record.ts'
export { RECORD_LAYOUT, RecordRestore, RecordRestoreError } from './backup/restore-record.ts'
