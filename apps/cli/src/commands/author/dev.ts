/** `millrace dev`: runs everything in one process on one's own machine, and loads a model again when its source is saved. */
import { dirname, sep } from 'node:path'
import { createLifecycle, type Lifecycle } from '@millrace/async'
import {
  assertSafeToListen,
  type Config,
  createLogger,
  isLoopback,
  type Logger,
  runServices,
  type Service,
} from '@millrace/process'
import type { StartedWorker } from '@millrace/worker'
import type { Command } from '../../command/command.ts'
import { AuthorScreen } from '../../dev/author-screen.ts'
import { logAuthorEvents } from '../../dev/log-author-events.ts'
import { createModelWatch } from '../../dev/create-model-watch.ts'
import { requireDataFolder } from '../../services/require-data-folder.ts'
import { assertRedisAnswers } from '../../services/require-redis.ts'
import { LISTEN_FLAGS, MODEL_FLAGS } from '../../services/service-flags.ts'
import { allServices } from '../../services/services.ts'

export const devCommand: Command = {
  name: 'dev',
  about: 'Run Redis, API and worker in one go, and load a model again when its code changes.',
  details: [
    'While it listens to this machine alone, without a key and a public URL, webhooks may go to this machine too, as',
    '`millrace listen` needs it; else MILLRACE_WEBHOOK_ALLOW_HOSTS names the hosts.',
  ],
  flags: [...LISTEN_FLAGS, ...MODEL_FLAGS],
  async run({ config: load, env }) {
    const config = withOwnReceivers(load())
    assertSafeToListen(config)
    await requireDataFolder(config)
    await assertRedisAnswers(config, 'dev')
    const { logger, author, onApi } = config.logFormat === 'json' ? forMachines(config) : forAuthors(config)
    let worker: StartedWorker | undefined
    const onWorker = (started: StartedWorker) => {
      worker = started
    }
    const services = allServices(config, { logger, env, author, onApi, onWorker })
    const watch = watchService(config, logger, () => worker)
    const running = await runServices([...services, watch], logger, { graceMs: config.drainSeconds * 1000 })
    return running.done
  },
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

/**
 * Lets webhooks go to this machine when only its own user can ask for them: that user could reach its ports anyway. With an
 * API key or a public address other people can ask too, and webhooks to this machine would tell them which of its ports are
 * open.
 */
export function withOwnReceivers(config: Config): Config {
  const isOwn = isLoopback(config.host) && config.apiKey === undefined && config.publicUrl === undefined
  if (!isOwn) return config
  return { ...config, webhookAllowHosts: [...config.webhookAllowHosts, ...LOOPBACK] }
}

function forMachines(config: Config) {
  const logger = createLogger({ level: config.logLevel, format: 'json' })
  const onApi = (url: string) => logger.info({ url }, 'the API listens')
  return { logger, author: logAuthorEvents(logger), onApi }
}

/** The screen tells the author what happens, so the log has warnings only, unless the user asked for more. */
function forAuthors(config: Config) {
  const level = config.logLevel === 'info' ? 'warn' : config.logLevel
  const logger = createLogger({ level, format: 'text' })
  const screen = new AuthorScreen({
    write: (text) => console.log(text),
    cwd: process.cwd(),
    withKey: config.apiKey !== undefined,
    withPage: config.ui,
  })
  return { logger, author: screen, onApi: (url: string) => screen.up(url) }
}

/** It is started last, so it is stopped first. */
function watchService(config: Config, logger: Logger, worker: () => StartedWorker | undefined): Service {
  let watch: Lifecycle | undefined
  const lifecycle = createLifecycle({
    async begin() {
      const { modelFolders } = await import('@millrace/host')
      watch = createModelWatch({
        folders: modelFolders(config.models),
        onChange: async (paths) => {
          const isChanged = ({ path = '' }) => paths.some((changed) => changed.startsWith(dirname(path) + sep))
          await worker()
            ?.refresh(isChanged)
            .catch((error: unknown) => logger.error({ err: error }, 'the models could not be looked for'))
        },
        onFault: (error) => logger.error({ err: error }, 'the files of the models could not be looked at'),
      })
      await watch.start()
    },
    // A refresh that is running goes on. The worker is stopped next, and that ends it.
    end: () => watch?.stop(0),
  })
  return { name: 'model watch', ...lifecycle }
}
