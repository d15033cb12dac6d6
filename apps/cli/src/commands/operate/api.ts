/** `millrace api`: runs the API beside a Redis that runs elsewhere, in one process or in several behind one port. */
import {
  assertSafeToListen,
  availableCores,
  type Config,
  createLogger,
  CrewParent,
  CrewStartError,
  type CrewMember,
  joinCrew,
  type Logger,
  runServices,
  type RunningServices,
} from '@millrace/process'
import { EXIT } from '../../command/exit-codes.ts'
import { FAULTS } from '../../command/faults.ts'
import type { Command, CommandContext } from '../../command/command.ts'
import { requireDataFolder } from '../../services/require-data-folder.ts'
import { requireRedis } from '../../services/require-redis.ts'
import { apiService } from '../../services/services.ts'
import { LISTEN_FLAGS } from '../../services/service-flags.ts'

type Env = CommandContext['env']

export const apiCommand: Command = {
  name: 'api',
  about: 'Run the API alone; needs REDIS_URL.',
  flags: [
    ...LISTEN_FLAGS,
    {
      name: 'processes',
      type: 'string',
      about: 'Processes behind its port, or auto: one for each core (MILLRACE_API_PROCESSES).',
      setting: 'MILLRACE_API_PROCESSES',
    },
  ],
  async run({ config: load, env }) {
    const config = load()
    assertSafeToListen(config)
    requireRedis(config, 'api')
    // With a bucket, the API writes nothing to disk.
    if (config.s3Bucket === undefined) await requireDataFolder(config)
    const logger = createLogger({ level: config.logLevel, format: config.logFormat })
    const member = joinCrew(env)
    if (member) return runMember(config, env, logger.child({ process: member.number }) as Logger, member)
    const size = config.apiProcesses === 'auto' ? availableCores() : config.apiProcesses
    return size > 1 ? runParent(config, logger, size) : runAlone(config, env, logger)
  },
}

const graceOf = ({ drainSeconds }: Config) => ({ graceMs: drainSeconds * 1000 })
const LISTENS = 'the API listens'

async function runAlone(config: Config, env: Env, logger: Logger): Promise<number> {
  const api = apiService(() => config, { logger, env, onStart: ({ url }) => logger.info({ url }, LISTENS) })
  const running = await runServices([api], logger, graceOf(config))
  return running.done
}

/** Runs one process of several. The parent starts it with the same command. */
async function runMember(config: Config, env: Env, logger: Logger, crew: CrewMember): Promise<number> {
  const onStart = ({ url, port }: { url: string; port: number }) => crew.listening(url, port)
  const api = apiService(() => config, { logger, env, onStart, crew })
  const running = await runServices([api], logger, graceOf(config))
  crew.onStop(() => void running.stop())
  return running.done
}

async function runParent(config: Config, logger: Logger, size: number): Promise<number> {
  let running: RunningServices | undefined
  const crew = new CrewParent({
    size,
    name: 'API',
    logger,
    onListening: (url) => logger.info({ url, processes: size }, LISTENS),
    onHopeless: () => void running?.stop(EXIT[FAULTS.redis.exit]),
  })
  try {
    running = await runServices([crew], logger, graceOf(config))
  } catch (error) {
    // The process that could not start has already said why.
    if (error instanceof CrewStartError) return error.exitCode
    throw error
  }
  return running.done
}
