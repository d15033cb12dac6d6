/**
 * The faults that make each alert fire: real ones, one after the other, over one Millrace. Each leaves behind what the next one
 * needs. Called by alerts-main.ts.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { childrenOf } from '../support/processes/children-of.ts'
import type { MillraceProcess } from '../support/processes/millrace-process.ts'
import { freePort } from '../support/servers/redis-server.ts'
import { startWebhookReceiver } from '../support/servers/webhook-receiver.ts'
import { until } from '../support/until.ts'
import type { AlertStand } from './open-alert-stand.ts'

export interface Fault {
  /** What happens, in words. */
  what: string
  /** The alerts that it must make fire. */
  alerts: readonly string[]
  cause(): Promise<unknown>
  /** After they have fired. */
  mend?(): Promise<unknown>
}

const ONCE = { max_attempts: 1 }

export function faultsOf(stand: AlertStand): Fault[] {
  const { client, redis } = stand.stack
  const raw = new Redis(redis.url, { lazyConnect: true, maxRetriesPerRequest: 1 })
  raw.on('error', () => undefined)
  const hands: Hands = {
    ...{ stand, client, raw, worker: undefined },
    submit: (text, more = {}) => client.accepted('shout', { text }, { ...ONCE, ...more }),
    post: (path) => client.request(path, { method: 'POST' }),
  }
  return [...ofModel(hands), ...ofWorkers(hands), ...ofWebhooks(hands), ...ofStores(hands), ...ofService(hands)]
}

/** What the faults are brought about with. */
interface Hands {
  stand: AlertStand
  client: AlertStand['stack']['client']
  raw: Redis
  /** The one that has the model now. */
  worker: MillraceProcess | undefined
  submit(text: string, more?: object): Promise<{ id: string }>
  post(path: string): Promise<unknown>
}

/** A model that does not do what it should. */
function ofModel(hands: Hands): Fault[] {
  const {
    stand: { startShout, startBroken },
    submit,
    post,
  } = hands
  return [
    {
      what: 'a model is paused while a job waits',
      alerts: ['MillraceModelPaused'],
      async cause() {
        hands.worker = await startShout()
        await post('/v1/models/shout/pause')
        await submit('yes')
      },
      mend: () => post('/v1/models/shout/resume'),
    },
    {
      what: 'the model raises errors',
      alerts: ['MillraceFailures'],
      cause: () => Promise.all(Array.from({ length: 5 }, () => submit('no'))),
    },
    {
      what: "the model's process ends in the middle of a job",
      alerts: ['MillraceRunnerCrashed'],
      cause: () => submit('crash'),
    },
    {
      what: 'a model cannot be loaded by its worker',
      alerts: ['MillraceRunnersNotReady'],
      cause: async () => startBroken(),
    },
  ]
}

/** No worker, or none that lives. */
function ofWorkers(hands: Hands): Fault[] {
  const {
    stand: { startShout },
    client,
    submit,
    post,
  } = hands
  return [
    {
      what: 'a worker is killed while it runs a job, and none is left',
      alerts: ['MillraceWorkersLost', 'MillraceQueueStuck', 'MillraceOldestWait', 'MillraceWorkersMissing'],
      async cause() {
        const { id } = await submit('hang', { max_attempts: 3 })
        await until('it runs', async () => (await client.job(id)).status === 'running')
        await hands.worker?.kill('SIGKILL')
        await submit('yes')
      },
    },
    {
      what: 'no worker begins a job before its deadline',
      alerts: ['MillraceJobsExpired'],
      cause: () => submit('yes', { expires_in: 1 }),
      async mend() {
        const { data } = (await (await client.request('/v1/jobs?status=queued')).json()) as { data: { id: string }[] }
        for (const { id } of data) await post(`/v1/jobs/${id}/cancel`)
        hands.worker = await startShout()
      },
    },
  ]
}

/** Receivers that are not there. */
function ofWebhooks(hands: Hands): Fault[] {
  const { submit } = hands
  return [
    {
      what: 'the receiver of a webhook is dead',
      alerts: ['MillraceWebhooksOwed'],
      cause: async () => submit('yes', { webhook: `http://127.0.0.1:${await freePort()}/dead` }),
    },
    {
      what: 'the receiver of a webhook answers 410',
      alerts: ['MillraceWebhooksGivenUp'],
      async cause() {
        const receiver = await startWebhookReceiver()
        receiver.answer = () => 410
        await submit('yes', { webhook: `${receiver.url}/gone` })
        await until('it was asked', () => receiver.got.length > 0)
        await receiver.close()
      },
    },
  ]
}

/** Stores that are full or broken. */
function ofStores(hands: Hands): Fault[] {
  const { stand, client, raw, submit } = hands
  const fillTo = async (share: number) => {
    const used = Number(/used_memory:(\d+)/.exec(await raw.info('memory'))?.[1])
    await raw.config('SET', 'maxmemory', Math.round(used / share))
  }
  return [
    {
      what: 'the folder of the objects cannot be written to, for two minutes',
      alerts: ['MillraceOutputsNotStored'],
      async cause() {
        renameSync(stand.files, `${stand.files}.away`)
        writeFileSync(stand.files, '')
        await submit('long')
      },
      async mend() {
        rmSync(stand.files)
        renameSync(`${stand.files}.away`, stand.files)
      },
    },
    { what: 'Redis is filled to 70 %', alerts: ['MillraceRedisNearlyFull'], cause: () => fillTo(0.7) },
    {
      what: 'Redis is filled to 90 %, and submits go on to come',
      alerts: ['MillraceRedisFull', 'MillraceApiErrors'],
      async cause() {
        await fillTo(0.9)
        await until(
          'submits are refused',
          async () => (await client.submit('shout', { input: { text: '' } })).status === 503,
        )
        // Over several looks of Prometheus: of a series that begins with many at once it sees no growth.
        for (let i = 0; i < 100; i++) {
          await client.submit('shout', { input: { text: '' } })
          await pause(50)
        }
      },
      mend: () => raw.config('SET', 'maxmemory', 0),
    },
    {
      what: 'the folder of Redis is gone, and it is to write a snapshot',
      alerts: ['MillraceRedisNotPersisting'],
      async cause() {
        rmSync(stand.stack.redis.dir, { recursive: true })
        await raw.bgsave()
      },
    },
  ]
}

/** Processes that end. */
function ofService(hands: Hands): Fault[] {
  const {
    raw,
    stand: {
      stack: { api, redis },
    },
  } = hands
  return [
    {
      what: 'a process of the API is killed',
      alerts: ['MillraceApiProcessEnds'],
      cause: async () => process.kill(childrenOf(api.child.pid as number)[0] as number, 'SIGKILL'),
    },
    {
      what: 'Redis is killed',
      alerts: ['MillraceRedisUnreachable'],
      async cause() {
        raw.disconnect()
        await redis.kill('SIGKILL')
      },
    },
    { what: 'the API is killed', alerts: ['MillraceApiAbsent'], cause: () => api.kill('SIGKILL') },
  ]
}
