import { createServer, connect, type AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger, loadConfig } from '@millrace/process'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startRedis, type TestRedis } from '../../../test/support/servers/redis-server.ts'
import { until } from '../../../test/support/until.ts'
import { startWorker } from './start-worker.ts'

let redis: TestRedis
let folder: string
beforeAll(async () => {
  redis = await startRedis()
  folder = await mkdtemp(join(tmpdir(), 'millrace-start-'))
})
afterAll(async () => {
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
})

const start = (settings: Record<string, string>) =>
  startWorker(loadConfig({ REDIS_URL: redis.url, MILLRACE_MODELS: folder, MILLRACE_DATA_DIR: folder, ...settings }), {
    logger: createLogger({ level: 'silent' }),
    env: {},
    onUnsafe: () => undefined,
  })

/** Connections to Redis beside the one that asks. */
function connections(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: redis.port }, () => socket.write('CLIENT LIST\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(String(data).match(/^id=/gm)!.length - 1)
    })
    socket.once('error', reject)
  })
}
const isAlone = async () => (await connections()) === 0

test('a worker whose models cannot be looked for says so and leaves nothing open', async () => {
  await expect(start({})).rejects.toThrow('no model.ts')
  await until('Redis is alone', isAlone)
})

test('a worker whose health port is taken says so and leaves nothing open', async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => void server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  await expect(start({ MILLRACE_WORKER_HEALTH_PORT: String(port) })).rejects.toThrow('EADDRINUSE')
  await until('Redis is alone', isAlone)
})

test('a worker that cannot open its object store says so and leaves nothing open', async () => {
  const file = join(folder, 'file')
  await writeFile(file, '')
  await expect(start({ MILLRACE_DATA_DIR: join(file, 'below') })).rejects.toThrow('no such object')
  await until('Redis is alone', isAlone)
})

test('a worker with a setting that cannot be met says so and leaves nothing open', async () => {
  await expect(start({ MILLRACE_WEBHOOK_ALLOW_HOSTS: '10.0.0.0/99' })).rejects.toThrow('10.0.0.0/99')
  await until('Redis is alone', isAlone)
})
