/** `millrace dev`: everything in one process, for one's own machine. */
import { assertSafeToListen, createLogger, runServices } from '@millrace/process'
import type { Command, Flag } from '../commands.ts'
import { allServices } from '../services.ts'

export const LISTEN_FLAGS: Flag[] = [
  { name: 'port', type: 'string', about: 'Port of the API (MILLRACE_PORT).', setting: 'MILLRACE_PORT' },
  { name: 'host', type: 'string', about: 'Address to listen on (MILLRACE_HOST).', setting: 'MILLRACE_HOST' },
]

export const MODEL_FLAGS: Flag[] = [
  { name: 'models', type: 'string', about: 'Folder of the models (MILLRACE_MODELS).', setting: 'MILLRACE_MODELS' },
  { name: 'slots', type: 'string', about: 'Where models run (MILLRACE_SLOTS).', setting: 'MILLRACE_SLOTS' },
]

export const devCommand: Command = {
  name: 'dev',
  about: 'Run Redis, API and worker in one go; data stays in MILLRACE_DATA_DIR.',
  flags: [...LISTEN_FLAGS, ...MODEL_FLAGS],
  async run({ config: load, env }) {
    const config = load()
    assertSafeToListen(config)
    const logger = createLogger({ level: config.logLevel, format: config.logFormat })
    const services = allServices(config, {
      logger,
      env,
      onApi: (url) => logger.info({ url }, 'the API listens'),
    })
    const running = await runServices(services, logger, { graceMs: config.drainSeconds * 1000 })
    return running.done
  },
}
