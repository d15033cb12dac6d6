/** The queue room as a process needs it, from its configuration. Called where API, worker and CLI put a process together. */
import type { Log } from '@millrace/contracts'
import { openQueue, type Queue, type QueueOptions } from './open-queue.ts'
import { RedisWatch, type RedisWatchOptions } from './health/redis-watch.ts'

const DAY_MS = 86_400_000

/** The settings that say how jobs are kept; part of every process's configuration. Times in seconds. */
export interface QueueConfig {
  redisUrl?: string
  unsafeRedis: boolean
  maxTenantJobs: number
  maxOpenJobs: number
  retentionSeconds: number
  lockSeconds: number
  fileSeconds: number
  auditDays: number
  auditEntries: number
}

export interface ConfiguredQueue {
  queue: Queue
  watch: RedisWatch
}

/**
 * Opens the queue room as a process needs it, with the watch that tells its readiness. `onUnsafe` is called when this
 * Redis must not be used: the process should end.
 */
export function openConfiguredQueue(
  config: QueueConfig,
  role: QueueOptions['role'],
  logger: Log,
  onUnsafe: RedisWatchOptions['onUnsafe'],
): ConfiguredQueue {
  if (config.redisUrl === undefined) throw new Error('redisUrl is not set')
  const queue = openQueue({
    url: config.redisUrl,
    role,
    logger,
    limits: {
      tenantJobs: config.maxTenantJobs,
      modelJobs: config.maxOpenJobs,
      retentionSeconds: config.retentionSeconds,
    },
    lockMs: config.lockSeconds * 1000,
    fileSeconds: config.fileSeconds,
    audit: { keptMs: config.auditDays * DAY_MS, most: config.auditEntries },
  })
  const watch = new RedisWatch({
    ask: () => queue.health(),
    tryOut: () => queue.denied(),
    explain: (error) => queue.explain(error),
    allowUnsafe: config.unsafeRedis,
    ...{ logger, onUnsafe },
  })
  return { queue, watch }
}
