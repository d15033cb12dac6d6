/** Starts one redis-server that ends with this process. Called by `startEmbeddedRedis`, which starts it again if need be. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { RedisEndpoint } from './ask-redis.ts'

export interface WatchedRedis {
  /** Resolves when the server has ended. */
  readonly exited: Promise<void>
  isRunning(): boolean
  /** The last lines that it logged. They tell why it ended. */
  lastLines(): string[]
  /** Ends the server in order. After 10 s it is killed. */
  stop(): Promise<void>
}

const WATCHDOG = fileURLToPath(new URL('./redis-watchdog.mjs', import.meta.url))
const LINES_KEPT = 12

/** The variables that a server or the watchdog may need. They must not get our secrets. */
const ENV_NAMES = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']

export interface RedisProgram {
  program: string
  env?: Readonly<Record<string, string | undefined>>
}

/** Two logins: the server's own, and one that can only end the server. */
interface Logins extends RedisEndpoint {
  ender: { user: string; password: string }
}

/** `folder` holds the append-only file. The server may not be ready when this returns: ask its endpoint. */
export function spawnWatchedRedis({ program, env = {} }: RedisProgram, folder: string, logins: Logins): WatchedRedis {
  // It gets a process group of its own. Ctrl-C in a terminal reaches every process of a group, and Redis must be the last to
  // go.
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

/** Redis writes every accepted write to the append-only file before it replies, and never evicts anything. */
function redisConfig({ port, password, ender }: Logins): string {
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    // Any local program, even a web page, can reach a loopback port, so it needs a password.
    `requirepass ${password}`,
    `user ${ender.user} on >${ender.password} +ping +info +shutdown`,
    'appendonly yes',
    'appendfsync everysec',
    // After a crash the last entry of the file may be cut. It was never acknowledged, so it may be dropped.
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
