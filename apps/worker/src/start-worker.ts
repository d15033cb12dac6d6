/** Puts a worker together from its configuration. Called by the CLI, in a process of its own or beside the API. */
import { type Config, createMetrics, type Logger } from '@millrace/process'
import { addRedisMetrics, openConfiguredQueue, type RedisWatch } from '@millrace/queue'
import { openConfiguredStore, StoreWatch } from '@millrace/storage'
import { createAddressGuard, createGuardedFetcher } from '@millrace/webhooks'
import type { AuthorEvents } from './author-events.ts'
import { createWorker, type Worker } from './serving/create-worker.ts'
import { createInstalledModels, createRediscovery, discoverModels, parseSlots, type Stage } from '@millrace/host'
import { type HealthServer, startHealthServer } from './serving/health-server.ts'
import { createWebhooks, type WebhooksOptions } from './webhooks/create-webhooks.ts'
import { settledWithin } from '@millrace/async'
import { createWorkerMetrics } from './serving/worker-metrics.ts'

export interface StartedWorker extends Pick<Worker, 'models' | 'whenReady' | 'refresh'> {
  /** Drains: runs in hand may end within the grace, then they go back to the line, and nothing is lost. */
  stop(graceMs?: number): Promise<void>
}

export interface StartWorkerOptions {
  logger: Logger
  /** The environment that the models' processes see an allow-listed part of. */
  env: Readonly<Record<string, string | undefined>>
  /** Called when this Redis must not be used; the process should end. */
  onUnsafe: (faults: string[], unsupported: boolean) => void
  /** Hears what an author wants to know, in place of the log. With it, a models folder without models is no fault. */
  author?: AuthorEvents
  /** For tests that do not wait for hours. */
  webhookPace?: WebhooksOptions['pace']
}

/** How long packages are not looked for while other models load: both take the processor. Milliseconds. */
const OTHERS_MS = 2000

/** All files of a job that are fetched by address may take as long together as so many of them may one after the other. */
const LINK_FILES = 4

/** Starts to load the models and to work. Resolves while models still load; Redis may be away and come later. */
export async function startWorker(config: Config, options: StartWorkerOptions): Promise<StartedWorker> {
  const { logger, env, author } = options
  const { queue, watch } = openConfiguredQueue(config, 'worker', logger, options.onUnsafe)
  const objects = await openConfiguredStore(config)
  const store = new StoreWatch({
    ...{ objects, memory: queue.dataSet, config, logger },
    unreadyOn: ['foreign', 'blank', 'older', 'elsewhere', 'unmarked'],
  })
  const fetcher = createGuardedFetcher({
    guard: createAddressGuard({ allowHosts: config.fetchAllowHosts }),
    limits: { maxBytes: config.maxFetchBytes, totalMs: config.fetchSeconds * 1000 },
  })
  const metrics = createMetrics({ processMetrics: true })
  addRedisMetrics(metrics, watch)
  const measure = createWorkerMetrics(metrics, () => worker.models())
  const webhooks = createWebhooks({
    store: queue.webhooks,
    publicUrl: config.publicUrl ?? `http://127.0.0.1:${config.port}`,
    allowHosts: config.webhookAllowHosts,
    allowHttp: config.webhookAllowHttp,
    dispatch: config.webhookDispatch,
    metrics,
    logger,
    // As long as the silence after which a worker counts as lost, twice; but longer than any try.
    pace: { leaseMs: Math.max(20_000, config.lockSeconds * 2000), ...options.webhookPace },
  })
  const look = author
    ? createRediscovery(config.models, (message) => author.onFolderFault(message))
    : () => discoverModels(config.models)
  const onLoadFailed: AuthorEvents['onLoadFailed'] | undefined = author && ((...told) => author.onLoadFailed(...told))
  const installed = createInstalledModels(look, { logger, env, python: config.python, onLoadFailed, author })
  let stage: Stage = 0
  let more = false
  const worker: Worker = createWorker({
    workerId: queue.worker,
    discover: async () => {
      const found = await installed.look(stage)
      more = found.more
      return found.models
    },
    devices: parseSlots(config.slots),
    attempts: queue.attempts,
    upkeep: queue.upkeep,
    registry: queue.models,
    changes: queue.changes,
    shelf: queue.shelf,
    createConsumer: (...args) => queue.createConsumer(...args),
    objects,
    files: queue.files,
    ownedSince: () => store.ownedSince(),
    fetcher,
    maxImagePixels: config.maxImagePixels,
    linkTotalMs: LINK_FILES * config.fetchSeconds * 1000,
    dataDir: config.dataDir,
    logger,
    onAttempt: (end) => {
      measure(end)
      author?.onAttempt(end)
    },
    live: webhooks.live,
    events: author,
    // A worker that is alive must be heard well before its jobs count as lost.
    pace: {
      beatMs: Math.min(5000, config.lockSeconds * 250),
      outputBytes: config.maxOutputBytes,
      outputFiles: config.maxOutputFiles,
    },
  })
  let health: HealthServer | undefined
  const close = async (): Promise<void> => {
    await Promise.all([watch.stop(0), store.stop(0)])
    await health?.close()
    await queue.close()
    await objects.close()
    await fetcher.close()
  }
  const beginRest = async (): Promise<void> => {
    try {
      for (stage = 1; more; stage = 2) {
        if (stage === 2) await settledWithin(worker.whenReady(), OTHERS_MS)
        await worker.refresh(() => false)
      }
    } finally {
      stage = 2
    }
  }
  await Promise.all([watch.start(), store.start()])
  try {
    if (config.workerHealthPort !== undefined) {
      health = await startHealthServer(config.workerHealthPort, {
        metrics,
        reasons: () => [...store.reasons, ...whyUnready(watch, worker)],
        warnings: () => watch.warnings,
      })
    }
    await worker.start()
    await webhooks.start()
    beginRest().catch((error: unknown) => logger.warn({ err: error }, 'The Python models could not be looked for'))
  } catch (error) {
    await close()
    throw error
  }
  return {
    models: worker.models,
    whenReady: worker.whenReady,
    refresh: worker.refresh,
    async stop(graceMs = 30_000) {
      const endMs = performance.now() + graceMs
      await worker.stop(graceMs)
      // Last, so that what the last jobs owe has a chance to go out.
      await webhooks.stop(Math.max(1000, endMs - performance.now()))
      await close()
    },
  }
}

function whyUnready(watch: RedisWatch, worker: Worker): string[] {
  const models = worker.models()
  const waiting = models
    .filter((model) => model.readyRunners === 0)
    .map(({ label }) => `No runner of ${label} is ready.`)
  return [...watch.reasons, ...(models.length === 0 ? ['No model was found yet.'] : waiting)]
}
