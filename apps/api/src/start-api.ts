/** Puts the API together from its configuration. Called by the CLI, in a process of its own or beside a worker. */
import { type Config, createMetrics, type Logger } from '@millrace/process'
import { addRedisMetrics, openConfiguredQueue, type RedisWatch } from '@millrace/queue'
import { openConfiguredStore } from '@millrace/storage'
import { createAddressGuard } from '@millrace/webhooks'
import type { Readiness } from './api-deps.ts'
import { startApiServer } from './start-api-server.ts'

export interface StartedApi {
  /** Where it listens. */
  url: string
  /** Lets requests in hand end within the grace, then lets go of everything. */
  stop(options?: { graceMs?: number }): Promise<void>
}

export interface StartApiOptions {
  logger: Logger
  /** Called when this Redis must not be used; the process should end. */
  onUnsafe: (faults: string[], unsupported: boolean) => void
}

/** Listens, whether Redis is there or not: until it is, requests answer 503. */
export async function startApi(config: Config, { logger, onUnsafe }: StartApiOptions): Promise<StartedApi> {
  const { queue, watch } = openConfiguredQueue(config, 'api', logger, onUnsafe)
  const objects = await openConfiguredStore(config)
  const close = async (): Promise<void> => {
    watch.stop()
    await queue.close()
    await objects.close()
  }
  const metrics = createMetrics()
  addRedisMetrics(metrics, watch)
  await watch.start()
  try {
    const server = await startApiServer(
      {
        jobs: queue.jobs,
        models: queue.models,
        changes: queue.changes,
        webhooks: queue.webhooks,
        webhookGuard: createAddressGuard({ allowHosts: config.webhookAllowHosts, allowHttp: config.webhookAllowHttp }),
        objects,
        files: queue.files,
        inputGuard: createAddressGuard({ allowHosts: config.fetchAllowHosts }),
        logger,
        metrics,
        config,
        fileSecret: () => queue.fileSecret(),
        memoryPressure: () => watch.isFull,
        ready: async () => readinessOf(watch),
      },
      { host: config.host, port: config.port },
    )
    return {
      url: server.url,
      async stop({ graceMs } = {}) {
        await server.close(graceMs)
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A full Redis takes no submits, so it is no more ready than one that is away; what it still does is said in the reason. */
function readinessOf({ reasons, warnings, isFull }: RedisWatch): Readiness {
  return { ok: reasons.length === 0 && !isFull, reasons: [...reasons, ...warnings] }
}
