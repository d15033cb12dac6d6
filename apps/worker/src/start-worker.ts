/** Puts a worker together from its configuration. Called by the CLI, in a process of its own or beside the API. */
import { type Config, createMetrics, type Logger } from '@millrace/process'
import { openConfiguredQueue, type RedisWatch } from '@millrace/queue'
import { openConfiguredStore } from '@millrace/storage'
import type { AuthorEvents } from './author-events.ts'
import { workerModelOf } from './configured-models.ts'
import { createWorker, type Worker } from './create-worker.ts'
import { discoverModels, isInstalled } from './discover-models.ts'
import { type HealthServer, startHealthServer } from './health-server.ts'
import { createRediscovery } from './rediscover-models.ts'
import { parseSlots } from './slots/parse-slots.ts'
import { createWorkerMetrics } from './worker-metrics.ts'

export interface StartedWorker extends Pick<Worker, 'models' | 'whenReady' | 'refresh'> {
  /** Drains: runs in hand may end within the grace, then they go back to the line, and nothing is lost. */
  stop(options?: { graceMs?: number }): Promise<void>
}

export interface StartWorkerOptions {
  logger: Logger
  /** The environment that the models' processes see an allow-listed part of. */
  env: Readonly<Record<string, string | undefined>>
  /** Called when this Redis must not be used; the process should end. */
  onUnsafe: (faults: string[]) => void
  /** Hears what an author wants to know, in place of the log. With it, a models folder without models is no fault. */
  author?: AuthorEvents
}

/** Starts to load the models and to work. Resolves while models still load; Redis may be away and come later. */
export async function startWorker(config: Config, options: StartWorkerOptions): Promise<StartedWorker> {
  const { logger, env, author } = options
  const { queue, watch } = openConfiguredQueue(config, 'worker', logger, options.onUnsafe)
  const objects = await openConfiguredStore(config)
  const metrics = createMetrics({ processMetrics: true })
  const measure = createWorkerMetrics(metrics, () => worker.models())
  const look = author
    ? createRediscovery(config.models, (message) => author.onFolderFault(message))
    : () => discoverModels(config.models)
  const onLoadFailed: AuthorEvents['onLoadFailed'] | undefined = author && ((...told) => author.onLoadFailed(...told))
  const worker: Worker = createWorker({
    workerId: queue.worker,
    discover: async () => {
      const found = await look()
      for (const { label } of found.filter((source) => !isInstalled(source))) {
        logger.info({ model: label, run: `npm ci --prefix models/${label}` }, 'A model is not installed')
      }
      const context = { logger, env, python: config.python, onLoadFailed }
      return Promise.all(found.filter(isInstalled).map((source) => workerModelOf(source, context)))
    },
    devices: parseSlots(config.slots),
    jobs: queue.jobs,
    registry: queue.models,
    changes: queue.changes,
    reconciler: queue.reconciler,
    createConsumer: (...args) => queue.createConsumer(...args),
    objects,
    dataDir: config.dataDir,
    logger,
    onAttempt: (end) => {
      measure(end)
      author?.onAttempt(end)
    },
    events: author,
    // A worker that is alive must be heard well before its jobs count as lost.
    pace: { beatMs: Math.min(5000, config.lockSeconds * 250) },
  })
  let health: HealthServer | undefined
  const close = async (): Promise<void> => {
    watch.stop()
    await health?.close()
    await queue.close()
    await objects.close()
  }
  await watch.start()
  try {
    if (config.workerHealthPort !== undefined) {
      health = await startHealthServer(config.workerHealthPort, { metrics, reasons: () => whyUnready(watch, worker) })
    }
    await worker.start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    models: worker.models,
    whenReady: worker.whenReady,
    refresh: worker.refresh,
    async stop(stopOptions) {
      await worker.stop(stopOptions)
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
