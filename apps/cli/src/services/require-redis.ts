/** Makes sure that a Redis can be used. Commands call this before they start. */
import { nameOfRedis, parseRedisAddress } from '@millrace/contracts'
import type { Config } from '@millrace/process'
import { CommandError, UsageError } from '../command/command-error.ts'
import { typed } from '../command/typed.ts'

/** Throws UsageError when the settings name no Redis. */
export function requireRedis(config: Config, command: string): void {
  if (config.redisUrl !== undefined) return
  throw new UsageError(
    `millrace ${command} needs REDIS_URL, such as redis://127.0.0.1:6379 (\`${typed('dev')}\` brings a Redis of its own)`,
  )
}

/**
 * For commands at a terminal: nobody would start the named Redis a minute later. Rejects with CommandError when it does not
 * answer. When `redisUrl` is undefined, the command starts a Redis of its own.
 */
export async function assertRedisAnswers({ redisUrl }: Config, command: string): Promise<void> {
  if (redisUrl === undefined) return
  const { probeRedis, RedisProbeError } = await import('@millrace/queue')
  try {
    await probeRedis(redisUrl)
  } catch (error) {
    if (!(error instanceof RedisProbeError)) throw error
    throw new CommandError(
      'redis',
      `Redis at ${nameOfRedis(parseRedisAddress(redisUrl))} cannot be used (${error.code}). ${error.reason}. ${error.mend}\n` +
        `Or unset REDIS_URL: then \`${typed(command)}\` starts a Redis of its own. \`${typed('doctor')}\` looks closer.`,
      { cause: error },
    )
  }
}
