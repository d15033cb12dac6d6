/**
 * Ends an embedded Redis that a killed Millrace left behind, so that two servers never write one append-only file. It is
 * ended and not reused, because the new server is then a child that this process watches. Called by embedded-redis.ts.
 */
import { CommandError } from '../command/command-error.ts'
import { setTimeout as delay } from 'node:timers/promises'
import { askRedis, type RedisEndpoint } from './ask-redis.ts'

/** The old server does not end. */
export class OrphanRedisError extends CommandError {
  constructor(port: number, pid: number | undefined) {
    super(
      'redis_orphan',
      `an old Redis (process ${pid ?? 'unknown'}, port ${port}) does not stop: end it, then start again`,
    )
    this.name = 'OrphanRedisError'
  }
}

/** Resolves when none of our servers runs at that endpoint any more. Throws OrphanRedisError after `timeoutMs`. */
export async function endOrphan(endpoint: RedisEndpoint, timeoutMs = 15_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  let pid: number | undefined
  for (;;) {
    const answer = await askRedis(endpoint, 'INFO server')
    if (typeof answer === 'object') {
      pid = Number(/process_id:(\d+)/.exec(answer.reply)?.[1]) || pid
      await askRedis(endpoint, 'SHUTDOWN NOSAVE', 5_000)
    } else if ((answer === 'refused' || answer === 'stranger') && !isRunning(pid)) {
      return
    }
    if (Date.now() > deadline) throw new OrphanRedisError(endpoint.port, pid)
    await delay(20)
  }
}

function isRunning(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
