/**
 * What the stores here may ask of Redis, be it one server or a cluster: single commands and pipelines, each on keys of one shard. What concerns
 * several shards goes through `askAll`, and the time through `redisNow`, for each shard has a clock of its own.
 */
import type { Cluster, Redis } from 'ioredis'

type Command =
  | 'blpop'
  | 'eval'
  | 'get'
  | 'hget'
  | 'hgetall'
  | 'hmget'
  | 'pexpire'
  | 'pipeline'
  | 'set'
  | 'smembers'
  | 'xrange'
  | 'xrevrange'
  | 'zadd'
  | 'zcount'
  | 'zrange'
  | 'zrangebyscore'
  | 'zrem'
  | 'zrevrange'
  | 'zscore'

export type RedisClient = Pick<Redis, Command>

export const clusterOf = (redis: RedisClient): Cluster | undefined =>
  (redis as Partial<Cluster>).isCluster === true ? (redis as unknown as Cluster) : undefined

/** Where single commands are put in: a pipeline, or the cluster itself. */
export type Asked = ReturnType<Redis['pipeline']>
export type Ask = (to: Asked) => unknown

/**
 * Several commands, answered in their order, each with its error or its answer; see `repliesOf`. To one server they go in one
 * write. In a cluster each finds its own way, so that a shard that is away or just moving fails no other's.
 */
export async function askAll(
  redis: RedisClient,
  asks: readonly Ask[],
): Promise<[error: Error | null, reply: unknown][]> {
  if (asks.length === 0) return []
  const to = redis as unknown as Asked
  // Undefined while there is no connection, and in a cluster, whatever the types say.
  const { stream } = redis as { stream?: Redis['stream'] }
  stream?.cork()
  try {
    const answers = asks.map((ask) =>
      (ask(to) as Promise<unknown>).then(
        (reply): [null, unknown] => [null, reply],
        (error: Error): [Error, undefined] => [error, undefined],
      ),
    )
    return Promise.all(answers)
  } finally {
    stream?.uncork()
  }
}

const TIME = "return redis.call('TIME')"

/** The clock of the shard that holds the key: seconds, and microseconds in them. One of the things for `askAll`. */
export const askTime =
  (redis: RedisClient, key: string): Ask =>
  (to) =>
    clusterOf(redis) ? to.eval(TIME, 1, key) : to.time()

/** Milliseconds of Unix time by the clock of the shard that holds the key: the one clock that all processes share for it. */
export async function redisNow(redis: RedisClient, key: string): Promise<number> {
  const cluster = clusterOf(redis)
  return toMs(cluster ? ((await cluster.eval(TIME, 1, key)) as [string, string]) : await (redis as Redis).time())
}

/** What TIME answers, in milliseconds. */
export const toMs = ([seconds, micros]: readonly (string | number)[]): number =>
  Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
