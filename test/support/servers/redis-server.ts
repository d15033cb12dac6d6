/** A real redis-server for a test: on a free loopback port, in a folder of its own, killed with the test process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, REDIS_SERVERS } from '@millrace/process'
import { until } from '../until.ts'

export interface TestRedisOptions {
  /** Where its data is. Default: a new folder, deleted by `stop`. */
  dir?: string
  /** Keep every write in a file (default true), so that a restart finds it. */
  appendonly?: boolean
  port?: number
  /** Settings as on the command line: `['--maxmemory', '10mb']`. */
  extraArgs?: string[]
  /** No file may grow beyond this, as on a full disk. A multiple of 1024. */
  fileBytes?: number
  /** All of its arguments, in place of the usual ones; `port` must then be said too. */
  args?: string[]
}

export interface TestRedis {
  readonly url: string
  readonly port: number
  /** Of the server that runs now, or ran last. */
  readonly pid: number
  readonly dir: string
  /** Sends a signal; for SIGKILL and SIGTERM resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and data, after ending the one that runs. */
  restart(): Promise<void>
  /** Ends it and deletes the folder that it made. */
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
    // A stopped process keeps every signal but SIGKILL until it is continued.
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

/** Without the signal that would end it, so that its writes fail. */
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
  // One that has much to read says so until it has read it.
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
    socket.on('data', (data) => settle(String(data).startsWith('+PONG')))
    socket.on('error', () => settle(false))
    socket.on('close', () => settle(false))
  })
}

/** A port of loopback that nobody listens on now. */
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
