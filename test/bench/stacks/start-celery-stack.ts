/** FastAPI + Celery + Redis, one API process and a worker with four, on a Redis with the same settings. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { freePort, startRedis } from '../../support/servers/redis-server.ts'
import { spawnQuietly } from './spawn-quietly.ts'
import { type BenchStack, get, inputOf, post, REDIS_ARGS } from './bench-stack.ts'

const FOLDER = fileURLToPath(new URL('../peers/python', import.meta.url))
const PROCESSES = 4

/** `environment`: folder of the virtual environment. `submitAndWait` submits only: this stack has no waiting. */
export async function startCeleryStack(environment: string, { works }: { works: boolean }): Promise<BenchStack> {
  const server = await startRedis({ extraArgs: REDIS_ARGS })
  const redis = new Redis(server.url)
  const results = new Redis(server.url, { db: 1 })
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const port = await freePort()
  const start = (program: string, ...args: string[]) =>
    spawnQuietly(join(environment, 'bin', program), {
      args,
      env: { BENCH_REDIS_URL: server.url, BENCH_TASKS: 'celery_tasks', PYTHONDONTWRITEBYTECODE: '1' },
      cwd: FOLDER,
      logFile: join(dir, `${program}.log`),
      group: true,
    })
  const api = start('uvicorn', 'app:app', '--port', String(port), '--no-access-log')
  const workerArgs = ['-A', 'celery_tasks', 'worker', '--concurrency', String(PROCESSES), '--loglevel', 'INFO']
  const worker = works ? start('celery', ...workerArgs) : undefined
  await api.printed(/(startup complete)/)
  await worker?.printed(/( ready\.)/)
  const submit = post('/jobs', { input: inputOf(1024) })
  return {
    url: `http://127.0.0.1:${port}`,
    redis,
    pids: { api: [api.pid] },
    submit,
    submitStatus: 202,
    submitAndWait: submit,
    read: (id) => get(`/jobs/${id}`),
    // One key per result, and nothing else, in its own database.
    finished: () => results.dbsize(),
    clear: async () => void (await redis.flushall()),
    async stop() {
      await Promise.all([api.stop(), worker?.stop()])
      redis.disconnect()
      results.disconnect()
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
