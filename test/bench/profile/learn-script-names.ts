/**
 * The names of all scripts by the hash under which Redis knows them: ours, and BullMQ's as the bare stack sends them. Called by
 * profileLoad.
 */
import { createHash } from 'node:crypto'
import { scriptNames } from '@millrace/queue'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { BARE_QUEUE } from '../bare/bare-queue.ts'

/** Opens what sends BullMQ's scripts to this Redis, sends nothing, and notes what is declared. */
export async function learnScriptNames(url: string): Promise<Map<string, string>> {
  const names = scriptNames()
  const define = Reflect.get(Redis.prototype, 'defineCommand') as Redis['defineCommand']
  const noting: Redis['defineCommand'] = function (this: Redis, name, definition) {
    names.set(createHash('sha1').update(definition.lua).digest('hex'), `BullMQ ${name.split(':')[0]}`)
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
  const connection = new Redis(url, { maxRetriesPerRequest: null })
  const bare = [
    new Queue(BARE_QUEUE, { connection }),
    new Worker(BARE_QUEUE, async () => undefined, { connection, autorun: false }),
  ]
  await Promise.all(bare.map((end) => end.waitUntilReady()))
  await Promise.all(bare.map((end) => end.close()))
  connection.disconnect()
}
