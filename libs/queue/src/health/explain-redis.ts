/**
 * What stands behind an error of a client: of one server the error says it, or its port. A client of a cluster or of Sentinels
 * only says that none will do, so each host is asked by itself. Called by openQueue for readiness, and by probe-redis.ts.
 */
import type { RedisAddress, RedisHost } from '@millrace/contracts'
import { Redis } from 'ioredis'
import { explainServer, faultOf, type RedisFault, redisFault } from './redis-fault.ts'

/** Each host is asked for so long. Milliseconds. */
const ASKED_MS = 1000
const MOST_ASKED = 5

/** Never rejects; resolves within some seconds. */
export async function explainRedis(address: RedisAddress, errors: readonly unknown[]): Promise<RedisFault> {
  const { kind, tls, hosts } = address
  const [first = { host: '', port: 0 }] = hosts
  if (kind === 'server') return explainServer({ ...first, tls }, errors)
  const answers = await Promise.all(
    hosts
      .slice(0, MOST_ASKED)
      .map((host) => (kind === 'cluster' ? askNode(address, host) : askSentinel(address, host))),
  )
  const fault = answers.find((answer) => answer !== undefined)
  // One that answers as it should: the trouble is behind it.
  const isSound = answers.includes(undefined)
  if (fault !== undefined && !isSound) return fault
  return redisFault(errors.find((error) => error !== undefined))
}

/** A connection to a host alone, as long as it takes to ask. */
async function asking(
  { tls }: RedisAddress,
  host: RedisHost,
  login: { username?: string | undefined; password?: string | undefined },
  ask: (redis: Redis) => Promise<RedisFault | undefined>,
): Promise<RedisFault | undefined> {
  const redis = new Redis({
    ...{ ...host, ...login, lazyConnect: true, connectTimeout: ASKED_MS, commandTimeout: ASKED_MS },
    ...{ retryStrategy: () => null, maxRetriesPerRequest: 0, enableReadyCheck: false, ...(tls && { tls: {} }) },
  })
  let said: unknown
  redis.on('error', (error) => {
    said ??= error
  })
  try {
    await redis.connect()
    return await ask(redis)
  } catch (error) {
    return explainServer({ ...host, tls }, [said, error])
  } finally {
    redis.disconnect()
  }
}

const isUnknownCommand = (error: unknown): boolean => error instanceof Error && /unknown command/i.test(error.message)

function askNode(address: RedisAddress, host: RedisHost): Promise<RedisFault | undefined> {
  const { username, password } = address
  return asking(address, host, { username, password }, async (redis) => {
    try {
      const state = String(await redis.cluster('INFO'))
      return state.includes('cluster_state:fail') ? faultOf('CLUSTERDOWN') : undefined
    } catch (error) {
      if (isUnknownCommand(error)) return faultOf('SENTINEL')
      if (error instanceof Error && /cluster support disabled/i.test(error.message)) return faultOf('NOT_A_CLUSTER')
      throw error
    }
  })
}

/** Undefined when it names a primary that answers. */
function askSentinel(address: RedisAddress & { kind: 'sentinel' }, host: RedisHost): Promise<RedisFault | undefined> {
  const { username, password, primary, nat } = address
  return asking(address, host, address.sentinel, async (redis) => {
    let named: unknown
    try {
      named = await redis.call('SENTINEL', 'get-master-addr-by-name', primary)
    } catch (error) {
      if (isUnknownCommand(error)) return faultOf('NOT_A_SENTINEL')
      throw error
    }
    if (!Array.isArray(named)) return faultOf('NO_SUCH_PRIMARY')
    const place = nat[named.join(':')] ?? { host: String(named[0]), port: Number(named[1]) }
    return asking(address, place, { username, password }, async (server) => void (await server.ping()))
  })
}
