/** An API over a real Redis that asks for keys: for tests of routes that answer one key otherwise than another. */
import type { Queue } from '@millrace/queue'
import { openTestQueue, silent } from '../../../test/support/open-test-queue.ts'
import { openTestRedis } from '../../../test/support/servers/open-test-redis.ts'
import { until } from '../../../test/support/until.ts'
import { CONFIG, createFixture } from './app.fixture.ts'
import type { ApiDeps } from './http/api-deps.ts'
import { KeyRing } from './http/access/key-ring.ts'

/** The key of the settings, which may do all. */
export const ROOT = 'the-key-of-the-settings'

/** `storesOf`: the stores of the queue that the routes need, beside that of the keys. */
export async function openKeyedApi(storesOf: (queue: Queue) => Partial<ApiDeps> = () => ({})) {
  const { url, raw, stop } = await openTestRedis({ appendonly: false })
  const queue = openTestQueue(url, { role: 'api' })
  const keyRing = new KeyRing(queue.keys, silent)
  await keyRing.start()
  await until('Redis is reached', () => queue.tenants.changes(undefined).catch(() => undefined))
  const api = await createFixture({
    ...{ ...storesOf(queue), keys: queue.keys, keyRing },
    config: { ...CONFIG, apiKey: ROOT },
  })
  const close = async (): Promise<void> => {
    await keyRing.stop(0)
    await api.close()
    await queue.close()
    await stop()
  }
  return { url, raw, queue, api, close }
}

export type KeyedApi = Awaited<ReturnType<typeof openKeyedApi>>
