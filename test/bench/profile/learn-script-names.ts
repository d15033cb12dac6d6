/**
 * The names of all scripts by the hash under which Redis knows them: ours, and BullMQ's as the bare stack sends them. Called by
 * profileLoad.
 */
import { createHash } from 'node:crypto'
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import type { Script } from '../../../libs/queue/src/scripts/contract/declare-script.ts'
import { SCRIPTS } from '../../../libs/queue/src/scripts/contract/scripts.ts'
import { renderScript } from '../../../libs/queue/src/scripts/render-script.ts'
import { hashOfScript } from '../../../libs/queue/src/scripts/sent-script.ts'
import { BARE_QUEUE } from '../bare/bare-queue.ts'

/** Opens what sends BullMQ's scripts to this Redis, sends nothing, and notes what is declared. */
export async function learnScriptNames(url: string): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (const [name, script] of Object.entries(SCRIPTS)) {
    names.set(hashOfScript(renderScript(name, script as Script)), name)
  }
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
