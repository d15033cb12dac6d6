/** A peer from its packages: its own virtual environment, its processes, and a Redis with the same settings if it needs one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { freePort, startRedis } from '../../support/servers/redis-server.ts'
import type { Request } from '../load/load-plan.ts'
import { descendantsOf } from '../measure/cpu-clock.ts'
import type { Peer } from '../peers/peer.ts'
import { REDIS_ARGS } from './bench-stack.ts'
import { type QuietProcess, spawnQuietly } from './spawn-quietly.ts'

const FOLDER = fileURLToPath(new URL('../peers/python', import.meta.url))

/** What a stack is judged by beside others: rates, costs, and whether it survives. */
export interface ServedStack {
  readonly url: string
  /** Of its own; absent when it needs none. */
  readonly redis?: Redis
  /** Of those that serve now, by part. */
  readonly pids: Record<string, number[]>
  submit(text: string, ms: number): Request
  readonly submitStatus: number
  /** More at once would be refused. */
  readonly mostClients?: number
  readonly busyStatus?: number
  readonly read?: Request
  readonly doneText: string
  /** Kills all that serves, as a lost machine would, and starts it again at the same address; Redis stays. */
  crash(): Promise<void>
  stop(): Promise<void>
}

export interface PeerStackOptions {
  environment: string
  slots: number
  /** Without its workers nothing is taken from the queue. Default: with them. */
  works?: boolean
}

export async function startPeerStack(peer: Peer, options: PeerStackOptions): Promise<ServedStack> {
  const server = peer.usesRedis ? await startRedis({ extraArgs: REDIS_ARGS }) : undefined
  const redis = server && new Redis(server.url)
  const home = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const place = { port: await freePort(), redisUrl: server?.url ?? '', slots: options.slots }
  let serving = await startAll(peer, place, options, home)
  return {
    url: `http://127.0.0.1:${place.port}`,
    ...(redis ? { redis } : {}),
    get pids() {
      return Object.fromEntries(serving.map(([part, { pid }]) => [part, [pid]]))
    },
    submit: (text, ms) => peer.submit(text, ms),
    submitStatus: peer.submitStatus,
    ...(peer.mostClients === undefined ? {} : { mostClients: peer.mostClients }),
    ...(peer.busyStatus === undefined ? {} : { busyStatus: peer.busyStatus }),
    ...(peer.read ? { read: peer.read } : {}),
    doneText: peer.doneText,
    async crash() {
      await stopAll(serving)
      serving = await startAll(peer, place, options, home)
    },
    async stop() {
      await stopAll(serving)
      redis?.disconnect()
      await server?.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

type Serving = [part: string, process: QuietProcess][]
type Place = Parameters<Peer['processes']>[0]

/** Whatever a peer keeps in its home or in temporary files outlives a crash, and goes with the stack. */
async function startAll(peer: Peer, place: Place, { environment, works = true }: PeerStackOptions, home: string) {
  const wanted = peer.processes(place).filter(({ part }) => works || part === 'api')
  // Some start their own Python by its name.
  const env = {
    ...{ PATH: `${join(environment, 'bin')}:${process.env.PATH}`, VIRTUAL_ENV: environment },
    ...{ HOME: home, TMPDIR: home, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1', PYTHONPATH: FOLDER },
    ...{ BENCH_REDIS_URL: place.redisUrl, BENCH_SLOTS: String(place.slots) },
    ...peer.env,
  }
  const serving: Serving = []
  try {
    for (const { part, program, args, ready } of wanted) {
      const [path, logFile] = [join(environment, 'bin', program), join(home, `${part}.log`)]
      const started = spawnQuietly(path, { args, env, cwd: FOLDER, logFile, group: true })
      serving.push([part, started])
      await started.printed(ready)
    }
  } catch (error) {
    await stopAll(serving)
    throw error
  }
  return serving
}

/** All that they have started too: some give their children groups of their own. */
async function stopAll(serving: Serving): Promise<void> {
  const children = serving.flatMap(([, { pid }]) => descendantsOf(pid))
  await Promise.all(serving.map(([, process]) => process.stop()))
  for (const pid of children) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Gone with its group.
    }
  }
}
