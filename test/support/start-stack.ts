/** Starts a whole Millrace for a test. Called by end-to-end tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ApiClient } from './api-client.ts'
import { type MillraceProcess, startMillrace } from './processes/millrace-process.ts'
import { startRedis, type TestRedis } from './servers/redis-server.ts'

export const TEST_MODELS = fileURLToPath(new URL('../models', import.meta.url))
export const SHIPPED_MODELS = fileURLToPath(new URL('../../models', import.meta.url))

export interface Stack {
  readonly redis: TestRedis
  readonly client: ApiClient
  readonly api: MillraceProcess
  readonly workers: MillraceProcess[]
  readonly env: Record<string, string>
  startWorker(env?: Record<string, string>): MillraceProcess
  stop(): Promise<void>
}

/** Starts Redis, one API and some workers as separate processes, in a folder of their own. */
export async function startStack(options: { workers?: number; env?: Record<string, string> } = {}): Promise<Stack> {
  const redis = await startRedis()
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-stack-'))
  const env = {
    REDIS_URL: redis.url,
    MILLRACE_DATA_DIR: dataDir,
    MILLRACE_MODELS: TEST_MODELS,
    MILLRACE_LOCK_SECONDS: '3',
    MILLRACE_DRAIN_SECONDS: '6',
    ...options.env,
  }
  const api = startMillrace('api', env)
  const workers: MillraceProcess[] = []
  const startWorker = (more: Record<string, string> = {}): MillraceProcess => {
    const worker = startMillrace('worker', { ...env, ...more })
    workers.push(worker)
    return worker
  }
  for (let i = 0; i < (options.workers ?? 1); i++) startWorker()
  const client = new ApiClient(await api.url())
  return {
    redis,
    client,
    api,
    workers,
    env,
    startWorker,
    async stop() {
      await Promise.all([api, ...workers].map((part) => part.kill('SIGKILL')))
      await redis.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
