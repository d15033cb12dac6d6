/** The two ways to talk to Redis: the API gives up fast, the worker never does. Used by openQueue and by every store here. */
import type { Log, RedisAddress } from '@millrace/contracts'
import { type Cluster, type Redis, ReplyError, type RedisOptions } from 'ioredis'
import { breakSilence } from './break-silence.ts'
import { ClosingRedis } from './closing-redis.ts'

/** Thrown when Redis is away, loading, full or read-only. Try again later; what was sent may have been carried out. */
export class QueueUnavailableError extends Error {
  constructor(cause: unknown) {
    super('Redis is not available', { cause })
    this.name = 'QueueUnavailableError'
  }
}

/** True when a call failed because of the state of Redis, not because of what was asked. */
export const isUnavailable = (error: unknown): boolean => error instanceof QueueUnavailableError

/** First words of Redis replies that mean "not now" rather than "wrong". */
const NOT_NOW = new Set([
  'OOM',
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'NOREPLICAS',
  'MISCONF',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'BUSY',
])

/** The code of a Redis reply: its first word, or the script's cause when a script met it. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof ReplyError)) return undefined
  return (error as Error).message.split(' ', 1)[0]
}

/**
 * Runs a call to Redis. What Redis refuses for good is thrown as it is; "not now", and everything that the client
 * itself says (offline, timed out, connection lost: bare Errors without a code), becomes QueueUnavailableError.
 */
export async function orUnavailable<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const code = replyCode(error)
    const isBug = code === undefined ? error instanceof TypeError : !NOT_NOW.has(code)
    throw isBug ? error : new QueueUnavailableError(error)
  }
}

/** Asks one shard of several: when it is away, `otherwise` stands for its answer, so that it holds up no other. */
export function ifAway<T, Otherwise>(
  answer: Promise<T>,
  otherwise: (error: QueueUnavailableError) => Otherwise,
): Promise<T | Otherwise> {
  return answer.catch((error: unknown) => {
    if (error instanceof QueueUnavailableError) return otherwise(error)
    throw error
  })
}

const common: RedisOptions = {
  connectTimeout: 2000,
  // A demoted primary answers READONLY until the connection is made anew.
  reconnectOnError: (error) => error.message.startsWith('READONLY'),
  retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 6), 1000),
}

/** For request handlers: fails at once when offline and after 2 s when Redis is silent. */
export const impatient: RedisOptions = {
  ...common,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
}

/** How long Redis may be silent to an impatient one: noticed in ticks, so the call fails within 2 s. Milliseconds. */
const SILENCE_MS = 1700

/** For workers: waits for Redis as long as it takes. No command time-out, blocking reads last seconds. */
export const patient: RedisOptions = { ...common, maxRetriesPerRequest: null }

/** For the change feed, which subscribes anew by itself and must know when that has happened. */
export const subscribing: RedisOptions = { ...patient, autoResubscribe: false, autoResendUnfulfilledCommands: false }

/** Longer than a worker's Redis takes for any script; only where another may have taken its place. Milliseconds. */
const REPLACED_MS = 5000

/** Why each connection that is not up broke last: what waits for it only hears that it is not up. */
const lastErrors = new WeakMap<object, Error>()

/** The error that keeps a connection from coming about; undefined while it is up. */
export const connectionError = (redis: object): Error | undefined => lastErrors.get(redis)

/** What is known of a connection: why it is not up. Its errors are logged at most once a second. */
export function noteErrors(redis: Redis | Cluster, logger: Log): (error: Error & { code?: string }) => void {
  let quietUntil = 0
  redis.on('ready', () => lastErrors.delete(redis))
  return (error) => {
    lastErrors.set(redis, error)
    if (Date.now() < quietUntil) return
    quietUntil = Date.now() + 1000
    // Only the code: an ioredis error carries the command and its arguments.
    logger.warn({ code: error.code ?? replyCode(error) ?? error.name }, 'redis connection error')
  }
}

/** How long one of these may keep silent while it owes an answer; undefined: for ever. */
export const silenceOf = (profile: RedisOptions, kind: RedisAddress['kind']): number | undefined => {
  if (profile === impatient) return SILENCE_MS
  return kind === 'server' ? undefined : REPLACED_MS
}

/** What a server said of the number of its database; ioredis goes on with database 0 then. */
const refusedDatabases = new WeakMap<object, Error>()

export const refusedDatabase = (redis: object): Error | undefined => refusedDatabases.get(redis)

/** Called for each connection to one server. */
export function noteDatabase(redis: Redis): void {
  redis.on('error', (error: Error) => {
    if (/DB index|SELECT is not allowed/i.test(error.message)) refusedDatabases.set(redis, error)
  })
}

/** Opens a connection to one server, or to the one that the Sentinels name. It heals by itself; errors are never thrown. */
export function connect(address: RedisAddress, profile: RedisOptions, logger: Log): Redis {
  const redis =
    address.kind === 'sentinel'
      ? new ClosingRedis({ ...profile, ...sentinelOptions(address) })
      : new ClosingRedis(address.kind === 'server' ? address.text : '', profile)
  const silence = profile === subscribing ? undefined : silenceOf(profile, address.kind)
  if (silence !== undefined) breakSilence(redis, silence)
  noteDatabase(redis)
  redis.on('error', noteErrors(redis, logger))
  return redis
}

/** How long a Sentinel may take to answer. Milliseconds. */
const SENTINEL_MS = 1000

export function sentinelOptions(address: RedisAddress & { kind: 'sentinel' }): RedisOptions {
  const { hosts, primary, sentinel, username, password, db, tls, nat } = address
  return {
    ...{ sentinels: [...hosts], name: primary, role: 'master', db, username, password },
    ...{ sentinelUsername: sentinel.username, sentinelPassword: sentinel.password },
    ...{ sentinelCommandTimeout: SENTINEL_MS, sentinelRetryStrategy: (times) => Math.min(50 * times, 1000) },
    // A primary that froze says nothing of its end; the Sentinels tell who follows it.
    failoverDetector: true,
    natMap: nat,
    ...(tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
  }
}
