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
import { freePort, startRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'
import { childrenOf } from '../measure/cpu-clock.ts'
import { type QuietProcess, spawnQuietly } from './spawn-quietly.ts'
import { type BenchStack, get, inputOf, post, REDIS_ARGS } from './bench-stack.ts'

export const MILLRACE = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
export const NOOP = fileURLToPath(new URL('../../models/noop', import.meta.url))
const NOOP_MODEL = { folder: NOOP, name: 'noop' }
const LIMITS = { tenantJobs: 1e8, modelJobs: 1e8, retentionSeconds: 3600 }

export interface MillraceOptions {
  /** Runners of the no-op model; 0 (the default) starts no worker. */
  slots?: number
  inputBytes?: number
  /** The folder of another model of that name, which needs slots. Default: the no-op model. */
  model?: { folder: string; name: string }
  /** Node's own options for API and worker, such as `--cpu-prof`. */
  nodeArgs?: string[]
  /** The program to start; default this repository's. Another checkout's shows what a change has brought. */
  program?: string
  /** Settings beside the usual ones. */
  env?: Record<string, string>
}

export interface MillraceStack extends BenchStack {
  /** Kills API, worker and runners, and starts API and worker again at the same address; Redis stays. */
  crash(): Promise<void>
}

export async function startMillraceStack(options: MillraceOptions = {}): Promise<MillraceStack> {
  const { slots = 0, inputBytes = 1024, nodeArgs = [], program = MILLRACE, model = NOOP_MODEL } = options
  const server = await startRedis({ extraArgs: REDIS_ARGS })
  const redis = new Redis(server.url)
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const env = {
    ...settingsOf(options),
    REDIS_URL: server.url,
    MILLRACE_DATA_DIR: dir,
    MILLRACE_PORT: String(await freePort()),
  }
  const start = (command: string): QuietProcess =>
    spawnQuietly(process.execPath, { args: [...nodeArgs, program, command], env, logFile: join(dir, `${command}.log`) })
  const serve = async () => {
    const [api, worker] = [start('api'), slots > 0 ? start('worker') : undefined]
    const url = await api.printed(/"url":"([^"]+)"/)
    if (worker) await modelReady(url, model.name)
    return { api, worker, url, runners: worker ? childrenOf(worker.pid) : [] }
  }
  const publish = () => publishNoop(server.url)
  let serving = await serve()
  if (slots === 0) await publish()
  const [tag] = await redis.keys('{mr:*}:manifest')
  const counts = tag?.replace(':manifest', ':counts') ?? ''
  const body = { input: inputOf(inputBytes) }
  return {
    url: serving.url,
    redis,
    get pids() {
      const { api, worker, runners } = serving
      return { api: [api.pid], ...(worker ? { worker: [worker.pid], runners } : {}) }
    },
    submit: post(`/v1/models/${model.name}/jobs`, body),
    submitStatus: 202,
    submitAndWait: post(`/v1/models/${model.name}/jobs`, body, { prefer: 'wait=30' }),
    read: (id) => get(`/v1/jobs/${id}`),
    finished: async () => Number(await redis.hget(counts, 'succeeded')),
    async clear() {
      await redis.flushall()
      await publish()
    },
    async crash() {
      await kill(serving)
      serving = await serve()
    },
    async stop() {
      await kill(serving)
      redis.disconnect()
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const settingsOf = ({ slots = 0, model = NOOP_MODEL, env }: MillraceOptions): Record<string, string> => ({
  MILLRACE_MODELS: model.folder,
  MILLRACE_SLOTS: `cpu*${Math.max(slots, 1)}`,
  MILLRACE_MAX_OPEN_JOBS: '100000000',
  MILLRACE_MAX_TENANT_JOBS: '100000000',
  MILLRACE_MAX_TENANT_STREAMS: '1000000',
  MILLRACE_MAX_STREAMS: '1000000',
  LOG_FORMAT: 'json',
  ...env,
})

/** Makes the API know the model although no worker is up. */
async function publishNoop(url: string): Promise<void> {
  const queue = openQueue({ url, role: 'worker', logger: silent, limits: LIMITS, lockMs: 30_000 })
  await queue.models.publish(manifestOf(noop), queue.worker)
  await queue.close()
}

/** Runners end with their worker. */
const kill = ({ api, worker }: { api: QuietProcess; worker: QuietProcess | undefined }) =>
  Promise.all([api.stop(), worker?.stop()])

async function modelReady(url: string, model: string): Promise<void> {
  await until(
    `the model ${model} takes jobs`,
    async () => {
      const answer = await fetch(`${url}/v1/models/${model}`)
      return answer.ok && ((await answer.json()) as { workers: number }).workers > 0
    },
    { timeoutMs: 60_000 },
  )
}
