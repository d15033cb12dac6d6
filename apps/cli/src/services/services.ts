/**
 * The parts of Millrace as services of one process. Each command lists those it wants, in the order of their start. Redis
 * starts first and stops last, so that running jobs can still be settled. API and worker are imported only when they start,
 * so neither loads the other's code, and `millrace help` loads neither.
 */
import { createLifecycle } from '@millrace/async'
import { type Config, type CrewMember, findProgram, type Logger, REDIS_SERVERS, type Service } from '@millrace/process'
import type { AuthorEvents, StartedWorker } from '@millrace/worker'
import { CommandError } from '../command/command-error.ts'
import { installAdvice } from '../redis/install-advice.ts'
import { FAULTS } from '../command/faults.ts'
import { EXIT } from '../command/exit-codes.ts'
import { readPage } from './read-page.ts'
import { type EmbeddedRedis, startEmbeddedRedis } from '../redis/embedded-redis.ts'

interface Running {
  stop(graceMs: number): Promise<void>
}

function service<R extends Running>(name: string, start: () => Promise<R>, onStart?: (running: R) => void): Service {
  let running: R | undefined
  const lifecycle = createLifecycle({
    async begin() {
      running = await start()
      onStart?.(running)
    },
    async end(graceMs) {
      await running?.stop(graceMs)
    },
  })
  return { name, ...lifecycle }
}

/** What every part must know of the process that it runs in. */
export interface ProcessContext {
  logger: Logger
  /** The environment of this process. Models get only an allow-listed part of it. */
  env: Readonly<Record<string, string | undefined>>
}

/** A Redis that loses jobs, or of a kind that Millrace cannot use, must not be used. Logs the reason and ends the process. */
const refuseUnsafe =
  (logger: Logger, crew?: CrewMember) =>
  (faults: string[], unsupported: boolean): void => {
    const what = unsupported ? 'cannot be used' : 'may lose jobs; mend it, or set MILLRACE_UNSAFE_REDIS=true'
    logger.fatal({ faults }, `this Redis ${what}`)
    const leave = (): never => process.exit(EXIT[FAULTS.redis.exit])
    if (crew) void crew.hopeless().finally(leave)
    else leave()
  }

export interface ApiServiceOptions extends ProcessContext {
  /** Called with the address once the API listens. */
  onStart?: (at: { url: string; port: number }) => void
  /** Given when this process is one of several of the API. Default: it is the only one. */
  crew?: CrewMember
  /** See StartApiOptions. */
  awaitsModels?: () => boolean
}

/** The API, or one process of it. */
export const apiService = (config: () => Config, { logger, onStart, crew, awaitsModels }: ApiServiceOptions): Service =>
  service(
    'api',
    async () => {
      const { startApi } = await import('@millrace/api')
      const settings = config()
      const parts = { logger, onUnsafe: refuseUnsafe(logger, crew), crew, awaitsModels, page: readPage }
      return startApi(settings, parts).catch((error: unknown) => {
        throw explainListen(error, `Port ${settings.port} of ${settings.host}`, '--port (MILLRACE_PORT)')
      })
    },
    onStart,
  )

const NO_ADDRESS = () => 'is no address of this machine: correct --host (MILLRACE_HOST).'
/** The calls to the system that can refuse to listen. `bind` is what one process of several asks of its parent. */
const LISTENING = new Set(['listen', 'bind', 'getaddrinfo'])
/** A sentence for each error code of the system. The argument names the setting for the port. */
const LISTEN_FAULTS: Record<string, (setting: string) => string> = {
  EADDRINUSE: (setting) => `is taken: end the program that listens there, or name another port with ${setting}.`,
  EACCES: (setting) => `may not be used by this user: name another port with ${setting}.`,
  EADDRNOTAVAIL: NO_ADDRESS,
  ENOTFOUND: NO_ADDRESS,
}

function explainListen(error: unknown, port: string, setting: string): unknown {
  const { code = '', syscall } = error as NodeJS.ErrnoException
  const what = LISTENING.has(syscall ?? '') ? LISTEN_FAULTS[code] : undefined
  return what === undefined ? error : new CommandError('port', `${port} ${what(setting)}`, { cause: error })
}

export interface WorkerServiceOptions extends ProcessContext {
  /** Gets what an author wants to know. It takes the place of the log. */
  author?: AuthorEvents
  /** Called with the worker once it has started. */
  onWorker?: (worker: StartedWorker) => void
}

/** The worker, with a runner per model and slot. */
export const workerService = (config: () => Config, { logger, env, author, onWorker }: WorkerServiceOptions): Service =>
  service(
    'worker',
    async () => {
      const { startWorker } = await import('@millrace/worker')
      const settings = config()
      return startWorker(settings, { logger, env, author, onUnsafe: refuseUnsafe(logger) }).catch((error: unknown) => {
        throw explainListen(error, `Port ${settings.workerHealthPort} of this machine`, 'MILLRACE_WORKER_HEALTH_PORT')
      })
    },
    onWorker,
  )

export interface AllServicesOptions extends WorkerServiceOptions {
  /** Called with the address of the API. */
  onApi: (url: string) => void
}

/** Everything in this process, with a Redis of its own unless REDIS_URL names one. */
export function allServices(config: Config, options: AllServicesOptions): Service[] {
  const { logger, env } = options
  let url: string | undefined
  const onStart = (at: { url: string }): void => {
    url = at.url
    options.onApi(at.url)
  }
  let awaitsModels = true
  const api = { ...options, onStart, awaitsModels: () => awaitsModels }
  const onWorker = (worker: StartedWorker): void => {
    void worker.whenTold().then(() => (awaitsModels = false))
    options.onWorker?.(worker)
  }
  const worker = { ...options, onWorker }
  // Webhooks name this address. It is known late, because the port may have been chosen just now.
  const withUrl = (known: Config): Config => ({ ...known, publicUrl: known.publicUrl ?? url })
  if (config.redisUrl !== undefined) {
    return [apiService(() => config, api), workerService(() => withUrl(config), worker)]
  }
  let redis: EmbeddedRedis | undefined
  // The address of Redis is known only once Redis runs, so the settings are a function.
  const withRedis = (): Config => ({ ...config, redisUrl: redis?.url })
  const redisService = service(
    'redis',
    async () => startEmbeddedRedis({ dataDir: config.dataDir, program: redisProgram(env.PATH), logger, env }),
    (started) => {
      redis = started
    },
  )
  return [redisService, apiService(withRedis, api), workerService(() => withUrl(withRedis()), worker)]
}

function redisProgram(searchPath: string | undefined): string {
  const program = findProgram(REDIS_SERVERS, searchPath)
  if (program) return program
  throw new CommandError('redis_missing', `No redis-server or valkey-server was found. ${installAdvice(searchPath)}`)
}
