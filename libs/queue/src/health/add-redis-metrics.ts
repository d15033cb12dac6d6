/** What each process measures of its Redis. Called by whoever puts the API or a worker together. */
import type { RedisWatch } from './redis-watch.ts'

type What = 'appends' | 'rewrites' | 'snapshots'

/** As the metrics of libs/process. `across`: what several processes that see the same Redis say of it together. */
export interface Gauges {
  gauge(
    metric: { name: string; help: string; across: 'min' | 'max' },
    collect: (gauge: { set(value: number): void }) => unknown,
  ): unknown
  gauge(
    metric: { name: string; help: string; across: 'min' | 'max'; labels: readonly 'what'[] },
    collect: (gauge: { set(labels: { what: What }, value: number): void }) => unknown,
  ): unknown
}

export function addRedisMetrics(
  metrics: Gauges,
  watch: Pick<RedisWatch, 'memoryShare' | 'isFull' | 'persistence'>,
): void {
  metrics.gauge(
    {
      name: 'millrace_redis_memory_ratio',
      help: 'Used share of the maxmemory of Redis; 0 when it has no limit.',
      across: 'max',
    },
    (self) => self.set(watch.memoryShare),
  )
  metrics.gauge(
    {
      name: 'millrace_redis_full',
      help: '1 while submits are refused because Redis is short of memory.',
      across: 'max',
    },
    (self) => self.set(Number(watch.isFull)),
  )
  metrics.gauge(
    {
      name: 'millrace_redis_persistence_ok',
      help: '0 when the last try of Redis failed to write its append-only file, rewrite it, or write a snapshot.',
      across: 'min',
      labels: ['what'],
    },
    (self) => {
      for (const what of ['appends', 'rewrites', 'snapshots'] as const) {
        self.set({ what }, Number(watch.persistence[what]))
      }
    },
  )
}
