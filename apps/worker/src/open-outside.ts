/**
 * What a worker meets the world by, and lets go of last: Redis, the object store, the addresses that inputs name. Opened by
 * start-worker.ts.
 */
import { createLifecycle, type Lifecycle } from '@millrace/async'
import type { Config, Logger } from '@millrace/process'
import { openConfiguredQueue, type Queue, type RedisWatch } from '@millrace/queue'
import { type ObjectStore, openConfiguredStore, StoreWatch, type StoreWatchOptions } from '@millrace/storage'
import { createAddressGuard, createGuardedFetcher, type GuardedFetcher } from '@millrace/webhooks'

/** Its start begins to watch what was opened; its stop closes it. */
export interface Outside extends Lifecycle {
  readonly queue: Queue
  readonly objects: ObjectStore
  readonly fetcher: GuardedFetcher
  readonly redisWatch: RedisWatch
  readonly storeWatch: StoreWatch
}

export interface OutsideOptions {
  logger: Logger
  /** Called when this Redis must not be used; the process should end. */
  onUnsafe: (faults: string[], unsupported: boolean) => void
  /** For tests that do not wait for minutes. */
  storePace?: StoreWatchOptions['pace']
}

/** Redis may be away and come later. One that cannot be opened leaves nothing open. */
export async function openOutside(config: Config, { logger, onUnsafe, storePace }: OutsideOptions): Promise<Outside> {
  // First: it holds nothing until it is used.
  const fetcher = createGuardedFetcher({
    guard: createAddressGuard({ allowHosts: config.fetchAllowHosts }),
    limits: { maxBytes: config.maxFetchBytes, totalMs: config.fetchSeconds * 1000 },
  })
  const { queue, watch: redisWatch } = openConfiguredQueue(config, 'worker', logger, onUnsafe)
  const objects = await openConfiguredStore(config).catch(async (error: unknown) => {
    await queue.close()
    throw error
  })
  const storeWatch = new StoreWatch({
    ...{ objects, memory: queue.dataSet, config, logger },
    unreadyOn: ['foreign', 'blank', 'older', 'elsewhere', 'unmarked'],
    pace: storePace,
  })
  const life = createLifecycle({
    async begin() {
      await Promise.all([redisWatch.start(), storeWatch.start()])
    },
    async end() {
      await Promise.all([redisWatch.stop(0), storeWatch.stop(0)])
      await queue.close()
      await objects.close()
      await fetcher.close()
    },
  })
  return { queue, objects, fetcher, redisWatch, storeWatch, ...life }
}
