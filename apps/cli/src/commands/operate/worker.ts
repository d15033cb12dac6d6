/** `millrace worker`: runs one worker process beside a Redis that runs elsewhere. */
import { createLogger, runServices } from '@millrace/process'
import type { Command } from '../../command/command.ts'
import { requireDataFolder } from '../../services/require-data-folder.ts'
import { requireRedis } from '../../services/require-redis.ts'
import { workerService } from '../../services/services.ts'
import { MODEL_FLAGS } from '../../services/service-flags.ts'

export const workerCommand: Command = {
  name: 'worker',
  about: 'Run a worker alone; needs REDIS_URL.',
  flags: MODEL_FLAGS,
  async run({ config: load, env }) {
    const config = load()
    requireRedis(config, 'worker')
    await requireDataFolder(config)
    const logger = createLogger({ level: config.logLevel, format: config.logFormat })
    const worker = workerService(() => config, { logger, env })
    const running = await runServices([worker], logger, { graceMs: config.drainSeconds * 1000 })
    return running.done
  },
}
