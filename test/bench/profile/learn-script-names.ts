/**
 * The names of all scripts by the hash under which Redis knows them: ours, and BullMQ's as the bare stack sends them. Called by
 * profileLoad.
 */
import { createHash } from 'node:crypto'
import { openQueue } from '@millrace/queue'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { silent } from '../../support/open-test-queue.ts'
import { BARE_QUEUE } from '../bare/bare-queue.ts'

const LIMITS = { tenantJobs: 1, modelJobs: 1, retentionSeconds: 1 }

/** Opens what sends scripts to this Redis, sends nothing, and notes what is declared. */
export async function learnScriptNames(url: string): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  const define = Reflect.get(Redis.prototype, 'defineCommand') as Redis['defineCommand']
  const noting: Redis['defineCommand'] = function (this: Redis, name, definition) {
    names.set(createHash('sha1').update(definition.lua).digest('hex'), plainName(name))
    return define.call(this, name, definition)
  }
  Object.defineProperty(Redis.prototype, 'defineCommand', { value: noting, configurable: true, writable: true })
  try {
    await declareAll(url)
  } finally {
    Reflect.deleteProperty(Redis.prototype, 'defineCommand')
  }
  return names
}

async function declareAll(url: string): Promise<void> {
  const queue = openQueue({ url, role: 'worker', logger: silent, limits: LIMITS, lockMs: 30_000 })
  const connection = new Redis(url, { maxRetriesPerRequest: null })
  const bare = [
    new Queue(BARE_QUEUE, { connection }),
    new Worker(BARE_QUEUE, async () => undefined, { connection, autorun: false }),
  ]
  await Promise.all(bare.map((end) => end.waitUntilReady()))
  await Promise.all(bare.map((end) => end.close()))
  connection.disconnect()
  await queue.close()
}

/** `mr_handout/take` is `handout/take`; `moveToActive:6.7.0` is BullMQ's. */
const plainName = (name: string): string =>
  name.startsWith('mr_') ? name.slice('mr_'.length) : `BullMQ ${name.split(':')[0]}`
