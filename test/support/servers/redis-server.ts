/**
 * A real redis-server for a test, on a free loopback port, in a folder of its own. It is killed with the test process. Used
 * by tests that need Redis.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, REDIS_SERVERS } from '@millrace/process'
import { until } from '../until.ts'

export interface TestRedisOptions {
  /** The folder of its data. Default: a new folder, which `stop` deletes. */
  dir?: string
  /** True: keep every write in a file, so that a restart finds it. Default true. */
  appendonly?: boolean
  port?: number
  /** Settings as on the command line, such as `['--maxmemory', '10mb']`. */
  extraArgs?: string[]
  /** No file may grow larger than this, like on a full disk. A multiple of 1024. */
  fileBytes?: number
  /** All of its arguments, in place of the usual ones. Then `port` must be given too. */
  args?: string[]
}

export interface TestRedis {
  readonly url: string
  readonly port: number
  /** The process id of the server that runs now, or that ran last. */
  readonly pid: number
  readonly dir: string
  /** Sends a signal. For SIGKILL and SIGTERM it resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Ends the server and starts it again on the same port and data. */
  restart(): Promise<void>
  /** Ends the server and deletes the folder that it made. */
  stop(): Promise<void>
}

/** Starts a server and resolves when it answers. */
export async function startRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const program = findProgram(REDIS_SERVERS, process.env.PATH)
  if (!program) throw new Error('no redis-server or valkey-server found: run `node scripts/setup.mjs`')
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'millrace-redis-'))
  const port = options.port ?? (await freePort())
  const usual = [
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--loglevel', 'warning'],
    ['--appendonly', options.appendonly === false ? 'no' : 'yes', '--maxmemory-policy', 'noeviction'],
    options.extraArgs ?? [],
  ].flat()
  const args = options.args ?? usual
  const command = options.fileBytes === undefined ? [program, ...args] : limited(options.fileBytes, [program, ...args])
  const start = () => startServer(command, port)
  let child = await start()

  const end = async (signal: NodeJS.Signals) => {
    if (isGone(child)) return
    const gone = once(child, 'exit')
    child.kill(signal)
    // A stopped process gets no signal but SIGKILL until it is continued.
    if (signal === 'SIGTERM') child.kill('SIGCONT')
    await gone
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    get pid() {
      return child.pid as number
    },
    async kill(signal) {
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await end(signal)
      else child.kill(signal)
    },
    async restart() {
      await end('SIGTERM')
      child = await start()
    },
    async stop() {
      await end('SIGKILL')
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Without the signal that would end the process, so that its writes fail instead. */
const limited = (fileBytes: number, command: string[]): string[] => [
  ...['bash', '-c', `trap '' XFSZ; ulimit -f ${fileBytes / 1024}; exec "$@"`, 'limited'],
  ...command,
]

async function startServer([program = '', ...args]: string[], port: number): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: 'ignore' })
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  child.once('exit', () => process.off('exit', killWithUs))
  const answers = async (): Promise<boolean> => {
    if (isGone(child)) throw new Error(`the test Redis ended with code ${child.exitCode}: ${args.join(' ')}`)
    return answersPing(port)
  }
  // A server with much data to read answers so until it has read it.
  await until('the test Redis answers', answers, { timeoutMs: 60_000 }).catch((error: unknown) => {
    killWithUs()
    throw error
  })
  return child
}

const isGone = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const settle = (answers: boolean) => {
      socket.destroy()
      resolve(answers)
    }
    socket.setTimeout(1_000, () => settle(false))
    socket.on('connect', () => socket.write('PING\r\n'))
    socket.on('data', (data) => settle(/^(\+PONG|-NOAUTH)/.test(String(data))))
    socket.on('error', () => settle(false))
    socket.on('close', () => settle(false))
  })
}

/** A loopback port on which nobody listens now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
