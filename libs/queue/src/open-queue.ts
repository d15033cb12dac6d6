/** The queue room on one Redis: every store over its connections. Called by openConfiguredQueue, by commands and by tests. */
import type { Log } from '@millrace/contracts'
import { randomBytes, randomUUID } from 'node:crypto'
import { Bell } from './handout/bell.ts'
import { RedisHandOut } from './handout/redis-hand-out.ts'
import type { FileStore, FileSweepStore } from './ports/file-store.ts'
import { prefixOfModel, SECRET_KEY } from './redis/keys.ts'
import { defineScripts } from './scripts/define-scripts.ts'
import type { AttemptStore } from './ports/attempt-store.ts'
import type { JobControl } from './ports/job-control.ts'
import type { JobIntake } from './ports/job-intake.ts'
import type { JobReader } from './ports/job-reader.ts'
import type { UpkeepStore } from './ports/upkeep-store.ts'
import type { ChangeFeed } from './ports/change-feed.ts'
import type { HandOut, HandOutOptions, Taker } from './ports/hand-out.ts'
import type { ModelRegistry } from './ports/model-registry.ts'
import type { ModelSteering } from './ports/steering/model-steering.ts'
import { Connections } from './redis/connections.ts'
import { ModelNames } from './redis/model-names.ts'
import type { RedisClient } from './redis/redis-client.ts'
import { orUnavailable } from './redis/redis-connection.ts'
import { explainRedis } from './health/explain-redis.ts'
import type { RedisFault } from './health/redis-fault.ts'
import { RedisChangeFeed } from './changes/redis-change-feed.ts'
import { inspectRedis } from './health/inspect-redis.ts'
import type { RedisHealth } from './health/inspect-server.ts'
import { RedisDataSet } from './redis/redis-data-set.ts'
import { RedisFileStore } from './files/redis-file-store.ts'
import type { Cancellations } from './ports/bulk/cancellations.ts'
import { RedisCancellations } from './cancellations/redis-cancellations.ts'
import type { JobActions, JobActionUpkeep } from './ports/bulk/job-actions.ts'
import { RedisJobActions } from './actions/redis-job-actions.ts'
import type { Batches, BatchUpkeep } from './ports/bulk/batches.ts'
import { RedisBatches } from './batches/redis-batches.ts'
import type { RepeatStore } from './ports/repeat-store.ts'
import { RedisRepeats } from './repeats/redis-repeats.ts'
import type { Erasures, ErasureUpkeep } from './ports/bulk/erasures.ts'
import { RedisErasures } from './erasures/redis-erasures.ts'
import type { Relocations, RelocationUpkeep } from './ports/bulk/relocations.ts'
import { RedisRelocations } from './relocations/redis-relocations.ts'
import { RedisJobStore } from './jobs/redis-job-store.ts'
import { RedisModelSteering } from './models/redis-model-steering.ts'
import { RedisModelRegistry } from './models/redis-model-registry.ts'
import { RecordReader } from './jobs/record-reader.ts'
import { RedisAttemptStore } from './jobs/redis-attempt-store.ts'
import { RedisUpkeepStore } from './jobs/redis-upkeep-store.ts'
import { RedisShelf } from './shelf/redis-shelf.ts'
import type { ShelfStore } from './ports/shelf-store.ts'
import type { SubmitLimits } from './jobs/submit-batcher.ts'
import { newerLayouts } from './health/newer-layouts.ts'
import { tryListening, tryRedis } from './health/try-redis.ts'
import type { AuditLog } from './ports/access/audit-log.ts'
import { type AuditBounds, RedisAuditLog } from './audit/redis-audit-log.ts'
import type { KeyStore } from './ports/access/key-store.ts'
import { RedisKeyStore } from './access/redis-key-store.ts'
import type { TenantStore, TenantUpkeep } from './ports/access/tenant-store.ts'
import { RedisTenantStore } from './tenants/redis-tenant-store.ts'
import { RedisTenantUpkeep } from './tenants/redis-tenant-upkeep.ts'
import { ShareOut } from './tenants/share-out.ts'
import type { UsageStore } from './ports/usage/usage-store.ts'
import type { QueueStates } from './ports/queue-states.ts'
import { RedisQueueStates } from './waiting/redis-queue-states.ts'
import type { ModelScaling } from './ports/scaling/model-scaling.ts'
import { RedisModelScaling } from './scaling/redis-model-scaling.ts'
import type { ModelMinutes } from './ports/usage/model-minutes.ts'
import { RedisModelMinutes } from './minutes/redis-model-minutes.ts'
import { RedisUsageStore } from './usage/redis-usage-store.ts'
import type { WebhookStore } from './ports/webhook-store.ts'
import { openWebhookStore } from './webhooks/open-webhook-store.ts'
import type { LineViewOptions } from './waiting/line-views.ts'
import type { WorkerRegistry } from './ports/worker-registry.ts'
import { RedisWorkerRegistry } from './workers/redis-worker-registry.ts'

export interface QueueOptions {
  /** See parseRedisAddress: one server, a cluster, or what Sentinels watch. */
  url: string
  /** `api`: every call answers or fails within 2 s. `worker`: calls wait until Redis is back. */
  role: 'api' | 'worker'
  logger: Log
  limits: SubmitLimits
  /** How long a job is a worker's own after its last beat, and so about how soon a lost worker's jobs run again. */
  lockMs: number
  /** How long an uploaded file is kept while no job uses it. Default: a day. */
  fileSeconds?: number
  /** See ENDED_KEPT. */
  endedDeliveriesKept?: number
  /** How much of the audit is kept. Default: a year, and 100,000 entries. */
  audit?: AuditBounds
  /** How lines are looked at, to tell where a job waits. */
  views?: LineViewOptions
}

const DAY_SECONDS = 86_400
const AUDIT_BOUNDS: AuditBounds = { keptMs: 365 * DAY_SECONDS * 1000, most: 100_000 }

/** All that a process needs of Redis. Opening never waits for Redis: it may be away and come later. */
export interface Queue {
  /** Names this process in records and registries; unique per start. */
  readonly worker: string
  /** For whoever acts for a tenant. */
  readonly jobs: JobIntake & JobReader & JobControl
  /** For attempts. */
  readonly attempts: AttemptStore
  /** For the platform's own work. */
  readonly upkeep: UpkeepStore
  readonly cancellations: Cancellations
  readonly relocations: Relocations & RelocationUpkeep
  readonly erasures: Erasures & ErasureUpkeep
  readonly jobActions: JobActions & JobActionUpkeep
  readonly batches: Batches & BatchUpkeep
  readonly repeats: RepeatStore
  readonly models: ModelRegistry
  readonly workers: WorkerRegistry
  readonly steering: ModelSteering
  readonly files: FileStore & FileSweepStore
  readonly dataSet: RedisDataSet
  readonly changes: ChangeFeed
  readonly webhooks: WebhookStore
  readonly shelf: ShelfStore
  /** Who may use the API. */
  readonly keys: KeyStore
  /** What operators have set for tenants. */
  readonly tenants: TenantStore
  /** Who did what. */
  readonly audit: AuditLog
  readonly usage: UsageStore
  readonly minutes: ModelMinutes
  readonly queues: QueueStates
  readonly scaling: ModelScaling
  readonly tenantUpkeep: TenantUpkeep
  /** Settings and memory of Redis; rejects with QueueUnavailableError when it is away. */
  health(): Promise<RedisHealth>
  /** Tries what the service does with Redis; what its user may not do, a sentence each. Rejects as `health` does. */
  denied(): Promise<string[]>
  /** What stands behind an error of `health` or `denied`. Never rejects. */
  explain(error: unknown): Promise<RedisFault>
  /** The secret that signs file addresses, made by the first process that asks. */
  fileSecret(): Promise<string>
  /** Where a worker of this model gets its jobs. */
  createHandOut(options: HandOutOptions, taker: Taker): HandOut
  close(): Promise<void>
}

/** Opens the queue room on one Redis. */
export function openQueue(options: QueueOptions): Queue {
  const { url, logger, lockMs } = options
  const connections = new Connections(url, options.role, logger)
  const { main: redis, subscriber } = connections
  const run = defineScripts(redis)
  const records = new RecordReader(redis, run)
  const names = new ModelNames(redis)
  const webhooks = openWebhookStore(redis, run, { names, endedKept: options.endedDeliveriesKept })
  const worker = `w_${randomUUID()}`
  const shares = new ShareOut(redis, run, names)
  const tenantUpkeep = new RedisTenantUpkeep({ redis, run, names, shares, process: worker })
  const tenants = new RedisTenantStore({ redis, run, shares, names })
  return {
    worker,
    jobs: new RedisJobStore({ redis, run, records, limits: options.limits, views: options.views }),
    attempts: new RedisAttemptStore(run, lockMs),
    upkeep: new RedisUpkeepStore({ redis, run, records, names, leaseMs: lockMs }),
    cancellations: new RedisCancellations(redis, run),
    relocations: new RedisRelocations(redis, run, worker),
    erasures: new RedisErasures({ redis, run, names, process: worker }),
    jobActions: new RedisJobActions({ redis, run, tenants, limits: options.limits, process: worker }),
    batches: new RedisBatches({ redis, run, process: worker }),
    repeats: new RedisRepeats({ redis, run }),
    models: new RedisModelRegistry(redis, run, [webhooks, tenantUpkeep]),
    workers: new RedisWorkerRegistry(redis, run),
    steering: new RedisModelSteering(redis, run),
    files: new RedisFileStore(redis, run, options.fileSeconds ?? DAY_SECONDS),
    dataSet: new RedisDataSet(redis),
    changes: new RedisChangeFeed(subscriber),
    webhooks,
    shelf: new RedisShelf(run),
    keys: new RedisKeyStore(redis, run),
    tenants,
    tenantUpkeep,
    audit: new RedisAuditLog(redis, run, options.audit ?? AUDIT_BOUNDS),
    usage: new RedisUsageStore(redis, run, names),
    minutes: new RedisModelMinutes(redis),
    queues: new RedisQueueStates(run),
    scaling: new RedisModelScaling(redis, run),
    health: () => inspectRedis(redis),
    denied: () =>
      orUnavailable(async () => {
        const refused = [...(await tryRedis(redis)), ...(await tryListening(subscriber))]
        return refused.length > 0 ? refused : newerLayouts(redis)
      }),
    explain: (error) => explainRedis(connections.address, [...connections.errors(), error]),
    fileSecret: () => readSecret(redis),
    createHandOut: (options, taker) => {
      const prefix = prefixOfModel(options.model)
      const bell = new Bell(connections.blocking(prefix), prefix, options.lines)
      return new RedisHandOut({ ...options, run, bell, worker, leaseMs: lockMs, logger }, taker)
    },
    close: async () => connections.close(),
  }
}

async function readSecret(redis: RedisClient): Promise<string> {
  return orUnavailable(async () => {
    const known = await redis.get(SECRET_KEY)
    if (known) return known
    await redis.set(SECRET_KEY, randomBytes(32).toString('base64url'), 'NX')
    return (await redis.get(SECRET_KEY)) ?? ''
  })
}
