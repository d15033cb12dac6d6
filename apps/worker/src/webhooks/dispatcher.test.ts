import type { WebhookFacts } from '@millrace/contracts'
import type { LeasedDelivery, LeaseEnd, OwedEvent, WebhookOutbox } from '@millrace/queue'
import { expect, onTestFinished, test } from 'vitest'
import { describeLifecycle } from '../../../../libs/async/src/lifecycle/lifecycle.suite.ts'
import { until } from '../../../../test/support/until.ts'
import { Dispatcher, type DispatcherDeps, type DispatcherPace } from './dispatcher.ts'
import { createWebhookClock } from './webhook-clock.ts'
import { WebhookBodies } from './webhook-bodies.ts'

const at = new Date(0).toISOString()
const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const facts: WebhookFacts = {
  ...{ event: 'job.succeeded', at, attempt: 1, version: '1', started_at: at, finished_at: at },
  ...{ run_seconds: 1, error: null, progress: null },
}

const owedTo = (tenant: string): OwedEvent => ({
  ...{ shard: '', entry: tenant, jobId: 'job_1', tenant, webhookId: 'evt_1', facts, own: null },
  afterEnd: false,
})

const leased = (lane: string): LeasedDelivery => ({
  ...{ shard: '', id: `whd_${lane}`, lane, lease: '', tenant: 'anna', jobId: 'job_1', webhookId: `evt_${lane}` },
  ...{
    event: 'job.succeeded',
    endpointId: null,
    url: 'https://example.com/',
    host: '',
    publicUrl: '',
    facts,
  },
  ...{ createdAt: at, since: at, tries: [], made: 0, total: 0, afterEnd: false },
  record: { id: 'job_1', tenant: 'anna', kind: 'prediction', model: 'm', metadata: {}, created_at: at },
})

interface World {
  outbox?: Partial<WebhookOutbox>
  targets?: DispatcherDeps['receivers']['targets']
  deliver?: DispatcherDeps['deliverer']['deliver']
  onFault?: (error: unknown) => void
  pace?: Partial<DispatcherPace>
}

/** A dispatcher in a world where nothing is owed and all is well, but for what is said of it. */
function setUp({ outbox, targets, deliver, onFault, pace }: World) {
  const ended: [id: string, end: LeaseEnd][] = []
  const faults: unknown[] = []
  const dispatcher = new Dispatcher({
    outbox: {
      shards: async () => [''],
      owed: async () => [],
      fanOut: async () => {},
      lanes: async () => [],
      lease: async () => ({ nowMs: Date.now(), deliveries: [] }),
      end: async (delivery, end) => ended.push([delivery.id, end]) > 0,
      tidy: async () => {},
      state: async () => ({ pending: 0, oldestSeconds: 0 }),
      ...outbox,
    },
    bodies: new WebhookBodies(undefined),
    receivers: {
      targets: targets ?? (async () => []),
      receiver: async () => ({ url: 'https://example.com/', secrets: [] }),
      learn: async () => false,
    },
    deliverer: { deliver: deliver ?? (async () => ({ outcome: 'delivered', status: 204 })) },
    ...{ clock: createWebhookClock(), publicUrl: '', logger, pace, endHook: undefined },
    logFault: (_message, error) => {
      faults.push(error)
      onFault?.(error)
    },
  })
  return { dispatcher, ended, faults }
}

function start(world: World) {
  const running = setUp(world)
  onTestFinished(() => running.dispatcher.stop(0))
  void running.dispatcher.start()
  return running
}

describeLifecycle('the dispatcher', ({ work, onFault }) => ({
  part: setUp({ outbox: { owed: () => work().then(() => []) }, onFault, pace: { pollMs: 1000 } }).dispatcher,
  everyMs: 1000,
}))

describeLifecycle('what clears the log of webhooks', ({ work, onFault }) => ({
  part: setUp({ outbox: { tidy: () => work() }, onFault, pace: { tidyMs: 1000 } }).dispatcher,
  everyMs: 1000,
}))

test('an event and a lane that fail hold up no other', async () => {
  const made: string[] = []
  const { ended, faults } = start({
    outbox: {
      owed: async () => [owedTo('broken'), owedTo('whole')],
      fanOut: async ({ tenant }) => void made.push(tenant),
      lanes: async () => ['broken', 'whole'].map((lane) => ({ shard: '', lane, afterEnd: false })),
      async lease({ lane }) {
        if (lane === 'broken') throw new Error('this lane cannot be read')
        return { nowMs: Date.now(), deliveries: [leased(lane)] }
      },
    },
    async targets({ tenant }) {
      if (tenant === 'broken') throw new Error('these settings cannot be read')
      return []
    },
  })
  await until('the others are served', () => ended.length > 0 && made.length > 0)
  expect([made[0], ended[0]]).toMatchObject(['whole', ['whd_whole', { outcome: 'delivered' }]])
  await until('the first fault is told', () => faults.length > 0)
  expect(faults[0]).toEqual(new Error('these settings cannot be read'))
})

test('a lane that found no place is served once there is one, also when that is while a look is under way', async () => {
  const slow = createGate()
  const due = new Set(['fast', 'slow', 'late'])
  const { ended } = start({
    outbox: {
      lanes: async () => [...due].map((lane) => ({ shard: '', lane, afterEnd: false })),
      async lease({ lane }) {
        const isDue = due.delete(lane)
        if (lane === 'slow') await slow.opened
        return { nowMs: Date.now(), deliveries: isDue && lane !== 'slow' ? [leased(lane)] : [] }
      },
    },
    pace: { inAll: 2, perLane: 1, pollMs: 3_600_000 },
  })
  await until('a place is free again', () => ended.length > 0)
  slow.open()
  await until('it was looked again', () => ended.length > 1)
  expect(ended.map(([id]) => id)).toEqual(['whd_fast', 'whd_late'])
})

test('a stop breaks off what has not ended within its grace, and gives it back', async () => {
  let isSending = false
  const { dispatcher, ended, faults } = setUp({
    outbox: {
      lanes: async () => [{ shard: '', lane: 'hangs', afterEnd: false }],
      lease: async ({ lane }) => ({ nowMs: Date.now(), deliveries: [leased(lane)] }),
    },
    deliver({ signal }) {
      isSending = true
      return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }))
    },
    pace: { perLane: 1 },
  })
  void dispatcher.start()
  await until('a try is in hand', () => isSending)
  await dispatcher.stop(20)
  expect(ended).toEqual([['whd_hangs', { outcome: 'later', delayMs: 0 }]])
  expect(faults).toEqual([])
})

test('what a look takes after the stop is not sent, but given back', async () => {
  const lease = createGate()
  const world = { asked: false, sent: 0 }
  const { dispatcher, ended } = setUp({
    outbox: {
      lanes: async () => [{ shard: '', lane: 'slow', afterEnd: false }],
      async lease({ lane }) {
        world.asked = true
        await lease.opened
        return { nowMs: Date.now(), deliveries: [leased(lane)] }
      },
    },
    async deliver({ signal }) {
      signal?.throwIfAborted()
      world.sent++
      return { outcome: 'delivered', status: 204 }
    },
  })
  void dispatcher.start()
  await until('a lease is under way', () => world.asked)
  await dispatcher.stop(10)
  lease.open()
  await until('it was given back', () => ended.length > 0)
  expect([world.sent, ended]).toEqual([0, [['whd_slow', { outcome: 'later', delayMs: 0 }]]])
})

/** Opened once, for all who wait. */
function createGate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}
