/** What each process measures of its Redis. Called by whoever puts the API or a worker together. */
import type { RedisWatch } from './redis-watch.ts'

type What = 'appends' | 'rewrites' | 'snapshots'

/** As the metrics of libs/process. */
export interface Gauges {
  gauge(metric: { name: string; help: string }, collect: (gauge: { set(value: number): void }) => unknown): unknown
  gauge(
    metric: { name: string; help: string; labels: readonly 'what'[] },
    collect: (gauge: { set(labels: { what: What }, value: number): void }) => unknown,
  ): unknown
}

export function addRedisMetrics(
  metrics: Gauges,
  watch: Pick<RedisWatch, 'memoryShare' | 'isFull' | 'persistence'>,
): void {
  metrics.gauge(
    { name: 'millrace_redis_memory_ratio', help: 'Used share of the maxmemory of Redis; 0 when it has no limit.' },
    (self) => self.set(watch.memoryShare),
  )
  metrics.gauge(
    { name: 'millrace_redis_full', help: '1 while submits are refused because Redis is short of memory.' },
    (self) => self.set(Number(watch.isFull)),
  )
  metrics.gauge(
    {
      name: 'millrace_redis_persistence_ok',
      help: '0 when the last try of Redis failed to write its append-only file, rewrite it, or write a snapshot.',
      labels: ['what'],
    },
    (self) => {
      for (const what of ['appends', 'rewrites', 'snapshots'] as const) {
        self.set({ what }, Number(watch.persistence[what]))
      }
    },
  )
}
