/**
 * The Redis of `millrace dev` and `millrace demo`. It is a real server in a child process, with its append-only file in the
 * data folder. It ends with this process, and is started again when it alone dies. Accepted jobs survive even when
 * everything is killed. It listens on a loopback port with a random password: this works on every disk and system, while a
 * socket file does not.
 */
import { CommandError } from '../command/command-error.ts'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@millrace/process'
import { askRedis, type RedisEndpoint } from './ask-redis.ts'
import { endOrphan } from './end-orphan.ts'
import { freePort } from './free-port.ts'
import { lockFolder } from './lock-folder.ts'
import { spawnWatchedRedis, type WatchedRedis } from './spawn-watched-redis.ts'

export interface EmbeddedRedis {
  /** The address with its password: never log it. */
  readonly url: string
  /** Ends the server in order and unlocks the folder. */
  stop(): Promise<void>
}

export interface EmbeddedRedisOptions {
  /** Millrace's data folder; the server uses `redis/` in it. */
  dataDir: string
  /** Path of a redis-server or valkey-server. */
  program: string
  logger: Logger
  /**
   * The environment of this process. The server gets only the few variables that it may need, and no secrets. Default:
   * nothing.
   */
  env?: Readonly<Record<string, string | undefined>>
}

/** The server could not be started. The message holds the last lines that the server logged. */
export class EmbeddedRedisError extends CommandError {
  constructor(message: string, lines: string[] = []) {
    super('redis_start', [message, ...lines].join('\n  '))
    this.name = 'EmbeddedRedisError'
  }
}

/**
 * How long a server may give no answer at its start. While it reads a large file it answers LOADING, so that time does not
 * count.
 */
const SILENCE_MS = 15_000
const START_TRIES = 3
const MAX_BACKOFF_MS = 5_000

/**
 * Starts the server and resolves when it has read all its data. Throws FolderInUseError when another Millrace has the
 * folder, EmbeddedRedisError when the server does not start.
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const folder = join(options.dataDir, 'redis')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const unlock = await lockFolder(folder)
  try {
    const old = readEndpoint(folder)
    if (old) await endOrphan(old)
    const first = await startOnFreePort(options, folder)
    const keeper = keepRunning(first, options, folder)
    return {
      url: `redis://:${first.endpoint.password}@127.0.0.1:${first.endpoint.port}`,
      async stop() {
        await keeper.stop()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

/** With the login that the next start may need. The main password exists only in memory. */
interface OwnEndpoint extends RedisEndpoint {
  ender: RedisEndpoint & { user: string }
}

const ENDER = 'ender'

const newPassword = (): string => randomBytes(24).toString('hex')

interface Started {
  endpoint: OwnEndpoint
  server: WatchedRedis
}

/** Another program may take the port before the server does, so it tries several times. */
async function startOnFreePort(options: EmbeddedRedisOptions, folder: string): Promise<Started> {
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    const endpoint = { port, password: newPassword(), ender: { port, user: ENDER, password: newPassword() } }
    // Written before the server starts: if we are killed in between, the next start can still find the server. A model is a
    // process of the same user and can read this file, so the login in it can end the server but sees no job.
    writeFileSync(join(folder, ENDPOINT_FILE), JSON.stringify(endpoint.ender), { mode: 0o600 })
    try {
      return { endpoint, server: await startAt(endpoint, options, folder) }
    } catch (error) {
      if (tries === START_TRIES) throw error
    }
  }
}

async function startAt(endpoint: OwnEndpoint, options: EmbeddedRedisOptions, folder: string): Promise<WatchedRedis> {
  const server = spawnWatchedRedis(options, folder, endpoint)
  let heard = Date.now()
  while (server.isRunning() && Date.now() - heard < SILENCE_MS) {
    const answer = await askRedis(endpoint, 'PING')
    if (typeof answer === 'object') {
      if (answer.reply === '+PONG') return server
      heard = Date.now()
    }
    await delay(5)
  }
  await server.stop()
  throw new EmbeddedRedisError(`${options.program} did not start with the data in ${folder}`, server.lastLines())
}

/** Starts the server again, at the same address, whenever it ends by itself. */
function keepRunning(first: Started, options: EmbeddedRedisOptions, folder: string): { stop(): Promise<void> } {
  const { endpoint } = first
  const stopped = new AbortController()
  let server: WatchedRedis | undefined = first.server

  const watch = async (): Promise<void> => {
    for (let backoffMs = 50; !stopped.signal.aborted; ) {
      await server?.exited
      if (stopped.signal.aborted) return
      options.logger.error('the embedded Redis ended by itself; starting it again')
      await delay(backoffMs, undefined, { signal: stopped.signal }).catch(() => undefined)
      if (stopped.signal.aborted) return
      try {
        await endOrphan(endpoint)
        server = await startAt(endpoint, options, folder)
        backoffMs = 50
      } catch (error) {
        server = undefined
        backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)
        options.logger.error({ err: error }, 'the embedded Redis does not start')
      }
    }
  }
  const watching = watch()
  return {
    async stop() {
      stopped.abort()
      await server?.stop()
      await watching
      // The server may have started while we were stopping.
      await server?.stop()
    },
  }
}

const ENDPOINT_FILE = 'server.json'

function readEndpoint(folder: string): RedisEndpoint | undefined {
  try {
    const text = readFileSync(join(folder, ENDPOINT_FILE), 'utf8')
    const { port, user, password } = JSON.parse(text) as Partial<RedisEndpoint>
    const usable = Number.isInteger(port) && /^[0-9a-f]+$/.test(password ?? '') && /^\w+$/.test(user ?? ENDER)
    return usable ? ({ port, user, password } as RedisEndpoint) : undefined
  } catch {
    return undefined
  }
}
