/** Creates over connections that end as a test says, in two processes of an API that meet in a real Redis. */
import { EventEmitter } from 'node:events'
import type { JobRecord } from '@millrace/contracts'
import type { Queue, RepeatStore } from '@millrace/queue'
import { afterAll, expect, it } from 'vitest'
import { openTestQueue } from '../../../../test/support/open-test-queue.ts'
import { openTestRedis } from '../../../../test/support/servers/open-test-redis.ts'
import { until } from '../../../../test/support/until.ts'
import { OWNER } from '../http/access/principal.ts'
import type { ApiContext } from '../http/api-deps.ts'
import { Repeats } from './repeats.ts'

const redis = await openTestRedis({ appendonly: false })
const queues = [0, 1].map(() => openTestQueue(redis.url, { role: 'api' }))
const reached = ({ tenants }: Queue) =>
  until('it reaches Redis', () => tenants.changes(undefined).catch(() => undefined))
await Promise.all(queues.map(reached))
afterAll(async () => {
  await Promise.all(queues.map((queue) => queue.close()))
  await redis.stop()
})

let tests = 0

class Client extends EventEmitter {
  destroyed = false
  writableFinished = false
  readonly socket: EventEmitter & { bytesRead: number }

  constructor(socket = Object.assign(new EventEmitter(), { bytesRead: 100 })) {
    super()
    this.socket = socket
  }

  #end(isAnswered: boolean): void {
    Object.assign(this, { destroyed: true, writableFinished: isAnswered })
    this.emit('close')
  }
  die(): void {
    this.#end(false)
  }
  answer(): void {
    this.#end(true)
  }
  /** The connection ends behind the answer. */
  close({ isBroken }: { isBroken: boolean }): void {
    this.socket.emit('close', isBroken)
  }
}

function open(stores: RepeatStore[] = queues.map(({ repeats }) => repeats)) {
  const path = `/${++tests}`
  /** As the store has jobs by their keys. */
  const jobs = new Map<string, string>()
  const apis = stores.map((store) => new Repeats(store))
  const create = (at = 0, { body = 'a body', fault, client = new Client() }: Creating = {}) => {
    const c = {
      env: { outgoing: client },
      req: { method: 'POST', path, raw: {} },
      get: () => OWNER,
    } as unknown as ApiContext
    const kept = apis[at]!.keep(c, async (keyOf) => {
      const { key = '' } = (await keyOf?.(body)) ?? {}
      if (fault) throw fault
      if (!jobs.has(key)) jobs.set(key, `job ${jobs.size}`)
      return { id: jobs.get(key) } as JobRecord
    })
    return { job: kept.then(({ id }) => id as string), client, goesOn: () => apis[at]!.goesOn(c) }
  }
  return { jobs, create }
}

interface Creating {
  body?: string
  fault?: Error
  client?: Client
}

it('takes six creates whose connections died one after the other, in two processes, for one', async () => {
  const { jobs, create } = open()
  const first = create(0)
  await first.job
  first.client.die()
  for (let n = 1; n < 5; n++) {
    const { job, client } = create(n % 2)
    setTimeout(() => client.die(), 7)
    // One that dies while it is not known how it is with the one before makes no job.
    await job.catch(() => undefined)
    if (!client.destroyed) client.die()
  }
  expect(await create(1).job).toBe('job 0')
  expect(jobs.size).toBe(1)
})

it('takes equal creates that were answered, or that live at once, for jobs of their own, in whichever process', async () => {
  const { jobs, create } = open()
  const first = create(0)
  await create(0).job
  await first.job
  await create(1).job
  first.client.answer()
  first.client.close({ isBroken: false })
  await create(0).job
  await create(1).job
  expect(jobs.size).toBe(5)
})

it('knows that an answer was lost when the connection broke behind it, and nothing more had come over it', async () => {
  const { jobs, create } = open()
  const lost = create(0)
  await lost.job
  lost.client.answer()
  lost.client.close({ isBroken: true })
  expect(await create(1).job).toBe('job 0')
  const read = create(0)
  expect(await read.job).toBe('job 1')
  read.client.answer()
  read.client.socket.bytesRead += 100
  read.client.close({ isBroken: true })
  await create(0).job
  expect(jobs.size).toBe(3)
})

it('goes on with the job of a create whose answer said so, once it is sent again', async () => {
  const { jobs, create } = open()
  const first = create(0)
  await first.job
  first.goesOn()
  first.client.answer()
  const again = create(1)
  expect(await again.job).toBe('job 0')
  again.client.answer()
  expect(await create(0).job).toBe('job 1')
  expect(jobs.size).toBe(2)
})

it('gives an abandoned job to one repeat alone, and never to another body', async () => {
  const { jobs, create } = open()
  const lost = create(0)
  lost.client.die()
  const id = await lost.job
  expect(await create(1, { body: 'another body' }).job).not.toBe(id)
  expect(await create(1).job).toBe(id)
  expect(await create(1).job).not.toBe(id)
  expect(jobs.size).toBe(3)
})

it('forgets a create whose connection had died before it was read, once it was sent again', async () => {
  const { jobs, create } = open()
  const client = new Client()
  client.die()
  await create(0, { client }).job
  const again = create(0)
  expect(await again.job).toBe('job 0')
  again.client.answer()
  const answeredMs = performance.now()
  await until('nobody doubts its answer', () => performance.now() > answeredMs + 100)
  expect([await create(0).job, await create(0).job]).toEqual(['job 1', 'job 2'])
  expect(jobs.size).toBe(3)
})

it('makes a job for the repeat of what was refused', async () => {
  const { jobs, create } = open()
  const refused = create(0, { fault: new Error('refused') })
  refused.client.die()
  await expect(refused.job).rejects.toThrow('refused')
  await create(1).job
  expect(jobs.size).toBe(1)
})

it('goes on with the create of a process that was killed, also before its job was kept', async () => {
  const killed = openTestQueue(redis.url, { role: 'api' })
  await reached(killed)
  const { jobs, create } = open([killed.repeats, queues[1]!.repeats])
  await create(0).job
  await killed.close()
  expect(await create(1).job).toBe('job 0')
  expect(jobs.size).toBe(1)
})
