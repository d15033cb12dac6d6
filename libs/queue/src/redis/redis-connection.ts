/** The two ways to talk to Redis: the API gives up fast, the worker never does. Used by openQueue and by every store here. */
import type { Log } from '@millrace/contracts'
import { Redis, ReplyError, type RedisOptions } from 'ioredis'
import { breakSilence } from './break-silence.ts'

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
const NOT_NOW = new Set(['OOM', 'LOADING', 'READONLY', 'MASTERDOWN', 'NOREPLICAS', 'MISCONF', 'CLUSTERDOWN', 'BUSY'])

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

/** Why each connection that is not up broke last: what waits for it only hears that it is not up. */
const lastErrors = new WeakMap<Redis, Error>()

/** The error that keeps a connection from coming about; undefined while it is up. */
export const connectionError = (redis: Redis): Error | undefined => lastErrors.get(redis)

/** Opens a connection that heals by itself. Its errors are logged at most once a second and never thrown. */
export function connect(url: string, profile: RedisOptions, logger: Log): Redis {
  const redis = new Redis(url, profile)
  if (profile === impatient) breakSilence(redis, SILENCE_MS)
  let quietUntil = 0
  redis.on('ready', () => lastErrors.delete(redis))
  redis.on('error', (error: Error & { code?: string }) => {
    lastErrors.set(redis, error)
    if (Date.now() < quietUntil) return
    quietUntil = Date.now() + 1000
    // Only the code: an ioredis error carries the command and its arguments.
    logger.warn({ code: error.code ?? replyCode(error) ?? error.name }, 'redis connection error')
  })
  return redis
}

/** Milliseconds of Unix time by Redis' clock, the one clock that all processes share. */
export async function redisNow(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time()
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
}
