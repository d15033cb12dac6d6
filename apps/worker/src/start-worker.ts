/** Puts a worker together from its configuration. Called by the CLI, in a process of its own or beside the API. */
import { createLifecycle, type Lifecycle } from '@millrace/async'
import { openConfiguredHooks } from '@millrace/hooks'
import type { Config, Logger } from '@millrace/process'
import { type Assembly, assembleWorker, type AssemblyOptions } from './assemble-worker.ts'
import { openOutside, type Outside, type OutsideOptions } from './open-outside.ts'
import type { Worker } from './serving/create-worker.ts'
import { type HealthServer, startHealthServer } from './serving/health-server.ts'
import { whyUnready } from './serving/why-unready.ts'

export interface StartedWorker extends Pick<Worker, 'models' | 'whenReady' | 'whenTold' | 'refresh'> {
  /** Drains: runs in hand may end within the grace, then they go back to the line, and nothing is lost. */
  stop(graceMs?: number): Promise<void>
}

export interface StartWorkerOptions extends AssemblyOptions, OutsideOptions {}

/** Starts to load the models and to work. Resolves while models still load; Redis may be away and come later. */
export async function startWorker(config: Config, options: StartWorkerOptions): Promise<StartedWorker> {
  // First: a module that cannot be loaded leaves nothing open.
  const hooks = await openConfiguredHooks(config)
  const outside = await openOutside(config, options)
  let life: Lifecycle = outside
  try {
    const assembly = assembleWorker(config, outside, { ...options, hooks })
    life = createLife(config, outside, assembly, options.logger)
    await life.start()
    const { models, whenReady, whenTold, refresh } = assembly.worker
    return { models, whenReady, whenTold, refresh, stop: (graceMs = 30_000) => life.stop(graceMs) }
  } catch (error) {
    await life.stop(0)
    throw error
  }
}

/** The order in which all of it begins and ends. */
function createLife(config: Config, outside: Outside, assembly: Assembly, logger: Logger): Lifecycle {
  const { worker, webhooks, discovery } = assembly
  let health: HealthServer | undefined
  return createLifecycle({
    async begin() {
      await outside.start()
      health = await startHealth(config.workerHealthPort, outside, assembly)
      await worker.start()
      await webhooks.start()
      discovery
        .beginRest(worker)
        .catch((error: unknown) => logger.warn({ err: error }, 'The Python models could not be looked for'))
    },
    async end(graceMs) {
      const endMs = performance.now() + graceMs
      await worker.stop(graceMs)
      // Last, so that what the last jobs owe has a chance to go out.
      await webhooks.stop(Math.max(1000, endMs - performance.now()))
      await health?.close()
      await outside.stop(0)
    },
  })
}

async function startHealth(
  port: number | undefined,
  { redisWatch, storeWatch }: Outside,
  { worker, metrics }: Assembly,
): Promise<HealthServer | undefined> {
  if (port === undefined) return undefined
  return startHealthServer(port, {
    metrics,
    reasons: () => [...storeWatch.reasons, ...redisWatch.reasons, ...whyUnready(worker.models())],
    warnings: () => redisWatch.warnings,
  })
}
