/** `millrace api`: one API process of many, beside a Redis that runs elsewhere. */
import { assertSafeToListen, createLogger, runServices } from '@millrace/process'
import type { Command } from '../../command/command.ts'
import { requireDataFolder } from '../../services/require-data-folder.ts'
import { requireRedis } from '../../services/require-redis.ts'
import { apiService } from '../../services/services.ts'
import { LISTEN_FLAGS } from '../../services/service-flags.ts'

export const apiCommand: Command = {
  name: 'api',
  about: 'Run the API alone; needs REDIS_URL.',
  flags: LISTEN_FLAGS,
  async run({ config: load, env }) {
    const config = load()
    assertSafeToListen(config)
    requireRedis(config, 'api')
    // With a bucket it writes to no disk.
    if (config.s3Bucket === undefined) await requireDataFolder(config)
    const logger = createLogger({ level: config.logLevel, format: config.logFormat })
    const api = apiService(
      () => config,
      { logger, env },
      (url) => logger.info({ url }, 'the API listens'),
    )
    const running = await runServices([api], logger, { graceMs: config.drainSeconds * 1000 })
    return running.done
  },
}
