/** Starts one redis-server that dies with this process. Called by `startEmbeddedRedis`, which restarts it if need be. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RedisEndpoint } from './ask-redis.ts'

export interface WatchedRedis {
  /** Resolves when the server is gone. */
  readonly exited: Promise<void>
  isRunning(): boolean
  /** The last lines it logged, for whoever must know why it ended. */
  lastLines(): string[]
  /** Ends it in order; it is killed after 10 s. */
  stop(): Promise<void>
}

const WATCHDOG = fileURLToPath(new URL('./redis-watchdog.mjs', import.meta.url))
const LINES_KEPT = 12

/** What a server, or the watchdog, may need of our environment; the secrets in it are nobody's business. */
const ENV_NAMES = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']

export interface RedisProgram {
  program: string
  env?: Readonly<Record<string, string | undefined>>
}

/** The server's own login, and one that can only end it. */
interface Logins extends RedisEndpoint {
  ender: { user: string; password: string }
}

/** `folder` is where the append-only file is. Resolves nothing: ask the endpoint whether it is ready. */
export function spawnWatchedRedis({ program, env = {} }: RedisProgram, folder: string, logins: Logins): WatchedRedis {
  // A group of its own: Ctrl-C in a terminal reaches every process of the group, and Redis must be the last to go.
  const child = spawn(process.execPath, [WATCHDOG], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: Object.fromEntries(ENV_NAMES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]))),
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > LINES_KEPT) lines.shift()
    })
  }
  const exited = exitOf(child)
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${JSON.stringify({ program, folder, config: redisConfig(logins) })}\n`)
  return {
    exited,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    lastLines: () => [...lines],
    async stop() {
      child.stdin.end()
      await exited
    },
  }
}

/** Every accepted write reaches the append-only file before its reply; nothing is ever evicted. */
function redisConfig({ port, password, ender }: Logins): string {
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    // Any local program, even a web page, can reach a loopback port.
    `requirepass ${password}`,
    `user ${ender.user} on >${ender.password} +ping +info +shutdown`,
    'appendonly yes',
    'appendfsync everysec',
    // After a crash the file's last entry may be cut: it was never acknowledged, so it is dropped.
    'aof-load-truncated yes',
    'save ""',
    'maxmemory-policy noeviction',
    'always-show-logo no',
  ]
  return `${lines.join('\n')}\n`
}

const exitOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
