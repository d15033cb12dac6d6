import type { LeasedDelivery, OwedEvent, StoredEndpoint } from '@millrace/queue'
import { beforeEach, expect, it } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { recordOf, statusOf } from '../../support/record-and-events.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'

/** What is owed and known of a job's webhooks goes with the job. */

const { raw, queue } = await openQueueStand()

beforeEach(async () => {
  await raw.flushall()
  await queue.models.publish(manifest, queue.worker)
  await queue.webhooks.settings.change('tina', (all) => ({ ...all, endpoints: [ENDPOINT] }))
})

const manifest = {
  ...{ name: 'told', version: '1', description: '', input_schema: {}, output_schema: {}, streams: false, batch: null },
  ...{ timeout_seconds: 60, max_attempts: 1, cancel_grace_seconds: 1, training: null, concurrency: 1 },
}
const ENDPOINT: StoredEndpoint = {
  id: `whe_${'0'.repeat(26)}`,
  ...{ url: 'https://hooks.example.com/', events: ['job.failed'], description: '', disabled: null },
  ...{ failing_since: null, created_at: new Date(0).toISOString(), secret: { current: 'whsec_', previous: [] } },
}
const OWN = 'https://own.example.com/?token=hunter2'
const LANES = [ENDPOINT.id, 'host:tina:own.example.com']
const SAID = 'what the model said of it'

/** A failed job with an address of its own, the events that it owes, and where. */
async function fail() {
  const job = newJob({ model: 'told', line: ownLine(), tenant: 'tina', webhook: { url: OWN, events: ['job.failed'] } })
  await queue.jobs.submit(job)
  await end(job.id)
  const shard = `{mr:${job.id.slice(4, 12)}}:`
  return { id: job.id, shard, owed: await queue.webhooks.outbox.owed([shard], 100) }
}

async function end(id: string) {
  const error = { code: 'model_error', message: SAID, retryable: true } as const
  await queue.attempts.fail(await holdJob(queue, await recordOf(queue, id)), { blame: 'final', error })
}

async function fanOut(events: OwedEvent[]) {
  const targets = [
    { endpointId: null, url: OWN, skipped: false },
    { endpointId: ENDPOINT.id, url: ENDPOINT.url, skipped: false },
  ]
  for (const event of events) await queue.webhooks.outbox.fanOut(event, targets, 'http://api.example.com')
}

async function lease(shard: string): Promise<LeasedDelivery[]> {
  const both = await Promise.all(LANES.map((lane) => queue.webhooks.outbox.lease({ shard, lane }, 10, 60_000)))
  return both.flatMap(({ deliveries }) => deliveries)
}

/** Every name and value in Redis that holds the text, but for the last answers to workers: they name ids, for some minutes. */
async function placesOf(text: string): Promise<string[]> {
  const found: string[] = []
  for (const key of await raw.keys('*')) {
    if (key.includes(':taken:')) continue
    const kind = await raw.type(key)
    const value =
      kind === 'hash'
        ? await raw.hgetall(key)
        : kind === 'zset'
          ? await raw.zrange(key, '0', '-1')
          : kind === 'set'
            ? await raw.smembers(key)
            : kind === 'stream'
              ? await raw.xrange(key, '-', '+')
              : kind === 'list'
                ? await raw.lrange(key, 0, -1)
                : await raw.get(key)
    if (`${key} ${JSON.stringify(value)}`.includes(text)) found.push(key.replace(/^\{.*?\}:/, '').replace(text, '<id>'))
  }
  return found.sort()
}

const listed = async () => (await queue.webhooks.deliveries.list({ tenant: 'tina', limit: 100 })).deliveries
const state = () => queue.webhooks.outbox.state()

/** Nothing but the note of what is still to be deleted. */
async function expectNothingLeft(id: string, shard: string) {
  await queue.jobs.purged(id as `job_${string}`, 'tina')
  expect(await placesOf(id)).toEqual([])
  for (const text of ['hunter2', SAID]) expect(await placesOf(text), text).toEqual([])
  expect(await listed()).toEqual([])
  expect((await state()).pending).toBe(0)
  expect(await raw.exists(`${shard}undelivered`, `${shard}lanes`, `${shard}outbox`, `${shard}forget`)).toBe(0)
}

it('leaves no event, no waiting, no arrived and no failed delivery of a job that is purged', async () => {
  const { id, shard, owed } = await fail()
  await fanOut(owed)
  const [arrived, lost] = await lease(shard)
  await queue.webhooks.outbox.end(arrived!, { outcome: 'delivered' })
  await queue.webhooks.outbox.end(lost!, { outcome: 'failed' })
  // Again, with two that wait; and again, with an event that nobody has looked at.
  await queue.jobs.rerun(id, 'tina')
  await end(id)
  await fanOut(await queue.webhooks.outbox.owed([shard], 100))
  await queue.jobs.rerun(id, 'tina')
  await end(id)
  expect([(await listed()).length, (await state()).pending]).toEqual([4, 3])
  expect(await queue.jobs.purge(id, 'tina')).toBe('purged')
  await expectNothingLeft(id, shard)
  expect(await queue.webhooks.deliveries.redeliver(arrived!.id, 'tina')).toBe('missing')
})

it('finds the event of an end that an older version wrote', async () => {
  const { id, shard } = await fail()
  await raw.hdel(`${shard}job:${id}`, 'owed_at')
  await queue.jobs.purge(id, 'tina')
  await expectNothingLeft(id, shard)
})

it('takes the events of no other job that ended in the same moment', async () => {
  const [one, two] = [await fail(), await fail()]
  const entries = await raw.zrange(`${one.shard}outbox`, '0', '-1')
  await raw.zadd(`${one.shard}outbox`, ...entries.flatMap((entry) => [7, entry]))
  for (const { id } of [one, two]) await raw.hset(`${one.shard}job:${id}`, 'owed_at', '7')
  await queue.jobs.purge(one.id, 'tina')
  const left = await queue.webhooks.outbox.owed([one.shard], 100)
  expect(left.map(({ jobId }) => jobId)).toEqual([two.id])
})

it.each(['again', 'delivered', 'failed', 'lane'] as const)(
  'keeps nothing of a try that was under way when its job was purged, and came back as %s',
  async (outcome) => {
    const { id, shard, owed } = await fail()
    await fanOut(owed)
    const inFlight = await lease(shard)
    expect(inFlight).toHaveLength(2)
    await queue.jobs.purge(id, 'tina')
    const made = { at: new Date().toISOString(), status: 500, error: 'bad_status', duration_ms: 1 } as const
    for (const delivery of inFlight) {
      const result =
        outcome === 'again'
          ? ({ outcome, try: made, delayMs: 5 } as const)
          : outcome === 'lane'
            ? ({ outcome, delayMs: 5 } as const)
            : ({ outcome, try: made } as const)
      expect(await queue.webhooks.outbox.end(delivery, result)).toBe(false)
    }
    await expectNothingLeft(id, shard)
  },
)

it('makes no delivery of an event that a dispatcher had read before its job was purged', async () => {
  const { id, shard, owed } = await fail()
  await queue.jobs.purge(id, 'tina')
  await fanOut(owed)
  await expectNothingLeft(id, shard)
})

it('forgets what an older version left behind of a purged job, at its next try', async () => {
  const { id, shard, owed } = await fail()
  await fanOut(owed)
  await raw.del(`${shard}job:${id}`, `${shard}told:${id}`)
  for (const delivery of await lease(shard)) {
    expect(delivery.record).toBeNull()
    expect(await queue.webhooks.outbox.end(delivery, { outcome: 'skipped' })).toBe(true)
  }
  await raw.del(`${shard}events:${id}`, `${shard}purge`, `${shard}index:tina:failed`)
  await expectNothingLeft(id, shard)
})

it('purges no job by its retention while a webhook is owed; then its log stays without a word of it', async () => {
  const { id, shard, owed } = await fail()
  const purge = async () => {
    await raw.zadd(`${shard}purge`, 0, id)
    await queue.upkeep.purgeDue('told')
    return (await statusOf(queue, id)) === 'purged'
  }
  expect(await purge()).toBe(false)
  await fanOut(owed)
  expect(await purge()).toBe(false)
  const [one, two] = await lease(shard)
  await queue.webhooks.outbox.end(one!, { outcome: 'delivered' })
  expect(await purge()).toBe(false)
  await queue.webhooks.outbox.end(two!, { outcome: 'failed' })
  expect(await purge()).toBe(true)
  expect((await listed()).map(({ status, job_id }) => `${status} ${job_id}`).sort()).toEqual([
    `delivered ${id}`,
    `failed ${id}`,
  ])
  expect(await queue.webhooks.deliveries.redeliver(two!.id, 'tina')).toBe('purged')
  for (const text of ['hunter2', SAID]) expect(await placesOf(text), text).toEqual([])
})
