/** Millrace as it is deployed: its own API process, and a worker process with a runner per slot when asked for. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { manifestOf } from '@millrace/model'
import { openQueue } from '@millrace/queue'
import { Redis } from 'ioredis'
import noop from '../../models/noop/model.ts'
import { silent } from '../../support/open-test-queue.ts'
import { startRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'
import { childrenOf } from '../measure/cpu-clock.ts'
import { type QuietProcess, spawnQuietly } from './spawn-quietly.ts'
import { type BenchStack, get, inputOf, post, REDIS_ARGS } from './bench-stack.ts'

export const MILLRACE = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
export const NOOP = fileURLToPath(new URL('../../models/noop', import.meta.url))
const LIMITS = { tenantJobs: 1e8, modelJobs: 1e8, retentionSeconds: 3600 }

export interface MillraceOptions {
  /** Runners of the no-op model; 0 (the default) starts no worker. */
  slots?: number
  inputBytes?: number
  /** Node's own options for API and worker, such as `--cpu-prof`. */
  nodeArgs?: string[]
  /** The program to start; default this repository's. Another checkout's shows what a change has brought. */
  program?: string
}

export async function startMillraceStack(options: MillraceOptions = {}): Promise<BenchStack> {
  const { slots = 0, inputBytes = 1024, nodeArgs = [], program = MILLRACE } = options
  const server = await startRedis({ extraArgs: REDIS_ARGS })
  const redis = new Redis(server.url)
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const env = {
    REDIS_URL: server.url,
    MILLRACE_DATA_DIR: dir,
    MILLRACE_MODELS: NOOP,
    MILLRACE_SLOTS: `cpu*${Math.max(slots, 1)}`,
    MILLRACE_PORT: '0',
    MILLRACE_MAX_OPEN_JOBS: '100000000',
    MILLRACE_MAX_TENANT_JOBS: '100000000',
    MILLRACE_MAX_TENANT_STREAMS: '1000000',
    MILLRACE_MAX_STREAMS: '1000000',
    LOG_FORMAT: 'json',
  }
  const start = (command: string): QuietProcess =>
    spawnQuietly(process.execPath, { args: [...nodeArgs, program, command], env, logFile: join(dir, `${command}.log`) })
  const api = start('api')
  const worker = slots > 0 ? start('worker') : undefined
  const url = await api.printed(/"url":"([^"]+)"/)
  const publish = () => publishNoop(server.url)
  if (worker) await modelReady(url)
  else await publish()
  const [tag] = await redis.keys('{mr:*}:manifest')
  const counts = tag?.replace(':manifest', ':counts') ?? ''
  const body = { input: inputOf(inputBytes) }
  return {
    url,
    redis,
    pids: { api: [api.pid], ...(worker ? { worker: [worker.pid], runners: childrenOf(worker.pid) } : {}) },
    submit: post('/v1/models/noop/jobs', body),
    submitStatus: 202,
    submitAndWait: post('/v1/models/noop/jobs', body, { prefer: 'wait=30' }),
    read: (id) => get(`/v1/jobs/${id}`),
    finished: async () => Number(await redis.hget(counts, 'succeeded')),
    async clear() {
      await redis.flushall()
      await publish()
    },
    async stop() {
      await Promise.all([api.stop(), worker?.stop()])
      redis.disconnect()
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Makes the API know the model although no worker is up. */
async function publishNoop(url: string): Promise<void> {
  const queue = openQueue({ url, role: 'worker', logger: silent, limits: LIMITS, lockMs: 30_000 })
  await queue.models.publish(manifestOf(noop), queue.worker)
  await queue.close()
}

async function modelReady(url: string): Promise<void> {
  await until(
    'the no-op model takes jobs',
    async () => {
      const answer = await fetch(`${url}/v1/models/noop`)
      return answer.ok && ((await answer.json()) as { workers: number }).workers > 0
    },
    { timeoutMs: 60_000 },
  )
}
