/** A look into a whole cluster as into one server: what has no key is asked of all primaries. Made by tests that look on. */
import { parseRedisAddress } from '@millrace/contracts'
import { Cluster, type Redis } from 'ioredis'
import { until } from '../until.ts'

/** Waits for as long as a shard is away, as a client of one server does. */
class WholeCluster extends Cluster {
  override async keys(pattern: string): Promise<string[]> {
    return (await this.#all((node) => node.keys(pattern))).flat()
  }

  override async flushall(): Promise<'OK'> {
    await this.#all((node) => node.flushall())
    return 'OK'
  }

  override async config(...args: unknown[]): Promise<never> {
    return (await this.#all((node) => node.call('CONFIG', ...(args as string[]))))[0] as never
  }

  /** Of the fullest. */
  override async info(...sections: unknown[]): Promise<string> {
    const texts = await this.#all((node) => node.info(...(sections as string[])))
    const used = (text: string): number => Number(/used_memory:(\d+)/.exec(text)?.[1] ?? 0)
    return texts.sort((a, b) => used(b) - used(a))[0] ?? ''
  }

  #all<T>(ask: (node: Redis) => Promise<T>): Promise<T[]> {
    return until('all primaries answer', () => Promise.all(this.nodes('master').map(ask)).catch(() => undefined), {
      timeoutMs: 60_000,
    })
  }
}

export function openWholeCluster(url: string): Redis {
  const cluster = new WholeCluster([...parseRedisAddress(url).hosts], {
    ...{ maxRedirections: Number.POSITIVE_INFINITY, retryDelayOnFailover: 100, slotsRefreshInterval: 1000 },
  })
  cluster.on('error', () => undefined)
  return cluster as unknown as Redis
}
