/** Puts the API together from its configuration. Called by the CLI, in a process of its own or beside a worker. */
import { createLoop, type Loop } from '@millrace/async'
import { openConfiguredHooks } from '@millrace/hooks'
import { addBuildInfo, type Config, createMetrics, type CrewMember, type Health, type Logger } from '@millrace/process'
import { addRedisMetrics, isUnavailable, openConfiguredQueue, type Queue, type RedisWatch } from '@millrace/queue'
import { type ObjectStore, openConfiguredStore, StoreWatch } from '@millrace/storage'
import { createAddressGuard } from '@millrace/webhooks'
import type { ReadPage } from './http/api-deps.ts'
import { createActionRunner } from './actions/create-action-runner.ts'
import type { BatchRunner } from './batches/batch-runner.ts'
import { createBatchRunner } from './batches/create-batch-runner.ts'
import { ROW_FORMATS } from './dialects/row-formats.ts'
import { KeyRing } from './http/access/key-ring.ts'
import { TenantRing } from './http/limits/tenant-ring.ts'
import { shareChecks } from './input/input-schema.ts'
import { startApiServer } from './start-api-server.ts'

export interface StartedApi {
  /** Where it listens. */
  url: string
  port: number
  /** Lets requests in hand end within the grace, then lets go of everything. */
  stop(graceMs?: number): Promise<void>
}

export interface StartApiOptions {
  logger: Logger
  /** Called when this Redis must not be used; the process should end. */
  onUnsafe: (faults: string[], unsupported: boolean) => void
  /** This process among those of one API. Default: it is the only one. */
  crew?: CrewMember
  /** True while a worker that starts beside it has not told of its models. */
  awaitsModels?: (() => boolean) | undefined
  /** Where the page comes from that browsers see. Called when the first one asks. Default: there is none. */
  page?: ReadPage | undefined
}

/** Listens, whether Redis is there or not: until it is, requests answer 503. */
export async function startApi(config: Config, options: StartApiOptions): Promise<StartedApi> {
  const { logger, onUnsafe, crew, awaitsModels, page } = options
  // First: a module that cannot be loaded leaves nothing open.
  const hooks = await openConfiguredHooks(config)
  const { queue, watch } = openConfiguredQueue(config, 'api', logger, onUnsafe)
  const objects = await openConfiguredStore(config)
  const store = watchStore(config, queue, objects, logger)
  const keyRing = config.apiKey === undefined ? undefined : new KeyRing(queue.keys, logger)
  const tenantRing = new TenantRing(queue.tenants, config, logger)
  const actions = actionLoop(queue, objects, logger)
  let batches: BatchRunner | undefined
  const close = async (): Promise<void> => {
    await Promise.all([watch.stop(0), store.stop(0), keyRing?.stop(0), tenantRing.stop(0), actions.stop(0)])
    await batches?.stop(BATCH_STEP_MS)
    await queue.close()
    await objects.close()
  }
  const metrics = addBuildInfo(createMetrics())
  addRedisMetrics(metrics, watch)
  const health = async (): Promise<Health> => healthOf(watch, store, awaitsModels?.() ?? false)
  // Whichever process is asked speaks for all.
  const ready = crew ? () => crew.healthOfAll() : health
  const shown = crew ? { ...metrics, render: () => crew.metricsOfAll() } : metrics
  crew?.introduce({ health, metrics: () => metrics.snapshot() })
  const share = 1 / (crew?.size ?? 1)
  shareChecks(share)
  await Promise.all([watch.start(), store.start(), keyRing?.start(), tenantRing.start(), actions.start()])
  try {
    const parts = {
      ...partsOf(config, queue),
      objects,
      keyRing,
      hooks,
      tenantRing,
      logger,
      metrics: shown,
      memoryPressure: () => watch.isFull,
      ready,
      awaitsModels,
      share,
      places: crew,
      page,
    }
    batches = createBatchRunner({ ...parts, formats: ROW_FORMATS })
    await batches.start()
    const server = await startApiServer(parts, { host: config.host, port: crew?.port ?? config.port })
    return {
      url: server.url,
      port: server.port,
      async stop(graceMs) {
        await server.close(graceMs)
        await crew?.farewell()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** With a Redis that came back empty the API serves what is in it; with the store of another it would mix files. */
const watchStore = (config: Config, queue: Queue, objects: ObjectStore, logger: Logger): StoreWatch =>
  new StoreWatch({ objects, memory: queue.dataSet, config, logger, unreadyOn: ['foreign', 'elsewhere'] })

/** Actions on many jobs that no process goes on with, such as those of one that was killed: a line may be emptied while there is no worker. */
function actionLoop(queue: Queue, objects: ObjectStore, logger: Logger): Loop {
  const { jobActions, jobs, files, audit } = queue
  const runner = createActionRunner({ jobActions, jobs, files, objects, audit, logger })
  return createLoop({
    round: (stopping) => runner.round(stopping),
    everyMs: ACTIONS_MS,
    jitter: 0.25,
    onFault: (error) => {
      if (!isUnavailable(error)) logger.error({ err: error }, 'actions on many jobs could not be listed')
    },
  })
}

/** How long the stop waits for a step of a batch; what is broken off is done again. Milliseconds. */
const BATCH_STEP_MS = 2000
/** From one look to the next. Workers look twice as often. */
const ACTIONS_MS = 2000

/** What follows from the settings and from Redis alone. */
const partsOf = (config: Config, queue: Queue) => ({
  config,
  jobs: queue.jobs,
  models: queue.models,
  workers: queue.workers,
  cancellations: queue.cancellations,
  relocations: queue.relocations,
  erasures: queue.erasures,
  jobActions: queue.jobActions,
  batches: queue.batches,
  repeats: queue.repeats,
  steering: queue.steering,
  changes: queue.changes,
  webhooks: queue.webhooks,
  files: queue.files,
  keys: queue.keys,
  tenants: queue.tenants,
  audit: queue.audit,
  usage: queue.usage,
  minutes: queue.minutes,
  queues: queue.queues,
  scaling: queue.scaling,
  fileSecret: () => queue.fileSecret(),
  webhookGuard: createAddressGuard({ allowHosts: config.webhookAllowHosts, allowHttp: config.webhookAllowHttp }),
  inputGuard: createAddressGuard({ allowHosts: config.fetchAllowHosts }),
})

/** A full Redis takes no submits, so it is no more ready than one that is away; what it still does is said in the reason. */
function healthOf(redis: RedisWatch, store: StoreWatch, awaitsModels: boolean): Health {
  const awaited = awaitsModels ? ['The models are being looked for.'] : []
  const reasons = [...redis.reasons, ...store.reasons, ...awaited]
  return { ok: reasons.length === 0 && !redis.isFull, reasons: [...reasons, ...redis.warnings, ...store.warnings] }
}
