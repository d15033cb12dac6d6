/** Hono + BullMQ without anything of ours, on a Redis with the same settings. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { startRedis } from '../../support/servers/redis-server.ts'
import { spawnQuietly } from './spawn-quietly.ts'
import { type BenchStack, get, inputOf, post, REDIS_ARGS } from './bench-stack.ts'

const FOLDER = fileURLToPath(new URL('../bare', import.meta.url))

export interface BareOptions {
  /** Concurrency of its worker; 0 (the default) starts none. */
  slots?: number
  inputBytes?: number
}

export async function startBareStack({ slots = 0, inputBytes = 1024 }: BareOptions = {}): Promise<BenchStack> {
  const server = await startRedis({ extraArgs: REDIS_ARGS })
  const redis = new Redis(server.url)
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const start = (name: string, ...args: string[]) =>
    spawnQuietly(process.execPath, {
      args: ['--import', 'tsx', join(FOLDER, `${name}-main.ts`), server.url, ...args],
      env: {},
      cwd: FOLDER,
      logFile: join(dir, `${name}.log`),
    })
  const api = start('bare-api')
  const worker = slots > 0 ? start('bare-worker', String(slots)) : undefined
  const url = await api.printed(/^url (\S+)$/m)
  await worker?.printed(/^ready (yes)$/m)
  const body = { input: inputOf(inputBytes) }
  return {
    url,
    redis,
    pids: { api: [api.pid], ...(worker ? { worker: [worker.pid] } : {}) },
    submit: post('/jobs', body),
    submitStatus: 202,
    submitAndWait: post('/jobs?wait=30', body),
    read: (id) => get(`/jobs/${id}`),
    finished: () => redis.zcard('bull:noop:completed'),
    clear: async () => void (await redis.flushall()),
    async stop() {
      await Promise.all([api.stop(), worker?.stop()])
      redis.disconnect()
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
