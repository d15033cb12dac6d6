/** What a worker says on its health port while what it stands on is away: a real object store that is gone, a real Redis that is frozen. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, loadConfig } from '@millrace/process'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startRedis } from '../../../test/support/servers/redis-server.ts'
import { startS3Server } from '../../../test/support/servers/s3-server.ts'
import { TEST_MODELS } from '../../../test/support/start-stack.ts'
import { until } from '../../../test/support/until.ts'
import { whyUnready } from './serving/why-unready.ts'
import { startWorker } from './start-worker.ts'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('it is ready, and not while Redis is frozen or its object store is gone: then it says which', async () => {
  const [redis, s3, folder, port] = await Promise.all([
    startRedis(),
    startS3Server(),
    mkdtemp(join(tmpdir(), 'millrace-health-')),
    freePort(),
  ])
  const settings = {
    ...{ REDIS_URL: redis.url, MILLRACE_MODELS: join(TEST_MODELS, 'noop'), MILLRACE_DATA_DIR: folder },
    ...{ S3_BUCKET: s3.bucket, S3_ENDPOINT: s3.endpoint, MILLRACE_WORKER_HEALTH_PORT: String(port) },
  }
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3.accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3.secretAccessKey)
  const worker = await startWorker(loadConfig(settings), {
    ...{ logger: createLogger({ level: 'silent' }), env: process.env, onUnsafe: () => undefined },
    storePace: { everyMs: 100, againMs: 100, patienceMs: 1000 },
  })
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await worker.stop(0)
    await Promise.all([redis.stop(), rm(folder, { recursive: true, force: true })])
  })
  const ask = async (): Promise<{ code: number; reasons: string[] }> => {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
    return { code: answer.status, ...((await answer.json()) as { reasons: string[] }) }
  }
  const isReady = async () => (await ask()).code === 200
  const saysWhy = async (why: RegExp) => {
    const { code, reasons } = await ask()
    return code === 503 && reasons.some((reason) => why.test(reason))
  }
  await until('it is ready', isReady)
  await redis.kill('SIGSTOP')
  await until('it says that Redis is away', () => saysWhy(/Redis/))
  await redis.kill('SIGCONT')
  await until('it is ready again', isReady)
  await s3.close()
  await until('it says that the store is away', () => saysWhy(new RegExp(s3.endpoint.replace(/^https?:\/\//, ''))))
  expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200)
}, 30_000)

test('one that is idle although jobs wait for it says so after half a minute', () => {
  const model = { label: 'ocr', name: 'ocr', version: '1', readyRunners: 1, quarantined: 0, idleMs: 29_000 }
  expect(whyUnready([model])).toEqual([])
  expect(whyUnready([model, { ...model, idleMs: 34_500 }])).toEqual([
    'Jobs of ocr have waited for 34 s, and this worker, which is idle, was given none.',
  ])
  expect(whyUnready([{ ...model, readyRunners: 0 }])).toEqual(['No runner of ocr is ready.'])
})
