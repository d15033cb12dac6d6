/** The check of the commands that bring no Redis of their own. */
import type { Config } from '@millrace/process'
import { UsageError } from './command-error.ts'

/** Throws UsageError when the settings name no Redis. */
export function requireRedis(config: Config, command: string): void {
  if (config.redisUrl !== undefined) return
  throw new UsageError(
    `millrace ${command} needs REDIS_URL, such as redis://127.0.0.1:6379 (\`millrace dev\` brings a Redis of its own)`,
  )
}
