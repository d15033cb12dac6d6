/** Puts a worker together from its configuration. Called by the CLI, in a process of its own or beside the API. */
import { type Config, createMetrics, type Logger } from '@millrace/process'
import { openConfiguredQueue, type RedisWatch } from '@millrace/queue'
import { openConfiguredStore } from '@millrace/storage'
import { createWorker, type Worker } from './create-worker.ts'
import { discoverModels } from './discover-models.ts'
import { type HealthServer, startHealthServer } from './health-server.ts'
import { createNodeRunner } from './runners/node-runner.ts'
import { parseSlots } from './slots/parse-slots.ts'
import { createWorkerMetrics } from './worker-metrics.ts'

export interface StartedWorker extends Pick<Worker, 'models' | 'whenReady'> {
  /** Drains: runs in hand may end within the grace, then they go back to the line, and nothing is lost. */
  stop(options?: { graceMs?: number }): Promise<void>
}

export interface StartWorkerOptions {
  logger: Logger
  /** The environment that the models' processes see an allow-listed part of. */
  env: Readonly<Record<string, string | undefined>>
  /** Called when this Redis must not be used; the process should end. */
  onUnsafe: (faults: string[]) => void
}

/** Starts to load the models and to work. Resolves while models still load; Redis may be away and come later. */
export async function startWorker(config: Config, options: StartWorkerOptions): Promise<StartedWorker> {
  const { logger, env } = options
  const { queue, watch } = openConfiguredQueue(config, 'worker', logger, options.onUnsafe)
  const objects = await openConfiguredStore(config)
  const metrics = createMetrics({ processMetrics: true })
  const worker: Worker = createWorker({
    workerId: queue.worker,
    discover: async () =>
      (await discoverModels(config.models)).map(({ label, path }) => ({
        label,
        createRunner: (device) => createNodeRunner({ modelPath: path, device, logger, env }),
      })),
    devices: parseSlots(config.slots),
    jobs: queue.jobs,
    registry: queue.models,
    changes: queue.changes,
    reconciler: queue.reconciler,
    createConsumer: (...args) => queue.createConsumer(...args),
    objects,
    dataDir: config.dataDir,
    logger,
    onAttempt: createWorkerMetrics(metrics, () => worker.models()),
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
