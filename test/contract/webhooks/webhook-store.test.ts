import type { StoredEndpoint } from '@millrace/queue'
import { expect, it } from 'vitest'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { until } from '../../support/until.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'

/** What is kept of webhooks, against a real Redis; sending is tested beside the dispatcher. */

const { redis, raw, queue } = await openQueueStand({ endedDeliveriesKept: 5 })
let made = 0

const manifestOf = (name: string) => ({
  ...{ name, version: '1', description: '', input_schema: {}, output_schema: {}, streams: false, batch: null },
  ...{ timeout_seconds: 60, max_attempts: 1, cancel_grace_seconds: 1, training: null, concurrency: 1 },
})

function anEndpoint(events: StoredEndpoint['events'] = ['job.canceled']): StoredEndpoint {
  return {
    id: `whe_${String(++made).padStart(26, '0')}`,
    ...{ url: 'https://example.com/', events, description: '', disabled: null, failing_since: null },
    created_at: new Date(0).toISOString(),
    secret: { current: 'whsec_', previous: [] },
  }
}

const add = (tenant: string, endpoint = anEndpoint()) =>
  queue.webhooks.settings.change(tenant, (all) => ({ ...all, endpoints: [...all.endpoints, endpoint] }))

/** A job that is over at once, and what it owes. */
async function end(tenant: string, model: string) {
  const job = newJob({ tenant, model })
  await queue.jobs.submit(job)
  await queue.jobs.cancel(job.id, tenant)
  const shard = `{mr:${job.id.slice(4, 12)}}:`
  const owed = (await queue.webhooks.outbox.owed([shard], 1000)).filter((event) => event.jobId === job.id)
  return { id: job.id, shard, owed }
}

async function deliver(tenant: string, model: string) {
  const { id, shard, owed } = await end(tenant, model)
  const target = { endpointId: null, url: 'https://example.com/', skipped: false }
  for (const event of owed) await queue.webhooks.outbox.fanOut(event, [target], '')
  const lane = { shard, lane: `host:${tenant}:example.com` }
  return { id, lane, ...(await queue.webhooks.outbox.lease(lane, 10, 60_000)) }
}

it('keeps every one of many changes that meet', async () => {
  await Promise.all(Array.from({ length: 12 }, () => add('busy')))
  const { endpoints, version } = await queue.webhooks.settings.get('busy')
  expect([endpoints.length, version]).toEqual([12, 12])
})

it('owes nothing for a tenant without endpoints, and everything from the moment one is added, also of a new model', async () => {
  await queue.models.publish(manifestOf('old'), queue.worker)
  expect((await end('anna', 'old')).owed).toEqual([])
  await add('anna')
  expect((await end('anna', 'old')).owed).toHaveLength(1)
  expect((await end('bert', 'old')).owed).toEqual([])
  await queue.models.publish(manifestOf('new'), queue.worker)
  expect((await end('anna', 'new')).owed).toHaveLength(1)
  await queue.webhooks.settings.change('anna', (all) => ({ ...all, endpoints: [] }))
  expect((await end('anna', 'old')).owed).toEqual([])
})

it('takes no old word about a tenant for the newest', async () => {
  await queue.models.publish(manifestOf('old'), queue.worker)
  await add('late')
  const { shard } = await end('late', 'old')
  const word = await raw.hget(`${shard}hooked`, 'late')
  await queue.webhooks.settings.change('late', (all) => ({ ...all, endpoints: [] }))
  // As if the telling of the first change had come after that of the second.
  await raw.hset(`${shard}hooked`, 'late', '0')
  await raw.zadd('{mr:webhooks}:unmarked', 2, 'late')
  await queue.webhooks.outbox.tidy([])
  expect(word).toBe('1 job.canceled ')
  expect(await raw.hget(`${shard}hooked`, 'late')).toBe('2')
  expect(await raw.zscore('{mr:webhooks}:unmarked', 'late')).toBeNull()
})

it('tells all shards in the end when a change broke off before it could', async () => {
  await queue.models.publish(manifestOf('broken'), queue.worker)
  await add('half')
  const { shard } = await end('half', 'broken')
  await raw.hdel(`${shard}hooked`, 'half')
  await raw.zadd('{mr:webhooks}:unmarked', 1, 'half')
  expect((await end('half', 'broken')).owed).toEqual([])
  await queue.webhooks.outbox.tidy([shard])
  expect((await end('half', 'broken')).owed).toHaveLength(1)
})

it('believes only who holds the lease', async () => {
  await queue.models.publish(manifestOf('lease'), queue.worker)
  await add('lena')
  const { lane, deliveries } = await deliver('lena', 'lease')
  const [first] = deliveries
  await raw.zadd(`${lane.shard}lane:${lane.lane}`, 0, first!.id)
  const [second] = (await queue.webhooks.outbox.lease(lane, 10, 60_001)).deliveries
  expect(await queue.webhooks.outbox.end(first!, { outcome: 'failed' })).toBe(false)
  expect((await queue.webhooks.deliveries.get(first!.id, 'lena'))?.status).toBe('pending')
  expect(await queue.webhooks.outbox.end(second!, { outcome: 'delivered' })).toBe(true)
  expect(await queue.webhooks.outbox.end(second!, { outcome: 'failed' })).toBe(false)
  expect((await queue.webhooks.deliveries.get(first!.id, 'lena'))?.status).toBe('delivered')
})

it('lists newest first, page by page, to its owner alone, and keeps no more than it may', async () => {
  await queue.models.publish(manifestOf('log'), queue.worker)
  await add('olga')
  const ids: string[] = []
  for (let i = 0; i < 8; i++) {
    const { deliveries } = await deliver('olga', 'log')
    for (const one of deliveries) await queue.webhooks.outbox.end(one, { outcome: i % 2 ? 'delivered' : 'failed' })
    ids.unshift(deliveries[0]!.id)
  }
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await queue.webhooks.deliveries.list({ tenant: 'olga', limit: 3, cursor })
    seen.push(...page.deliveries.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen).toEqual(ids)
  expect(await queue.webhooks.deliveries.get(ids[0]!, 'mallory')).toBeUndefined()
  expect(await queue.webhooks.deliveries.redeliver(ids[0]!, 'mallory')).toBe('missing')
  expect((await queue.webhooks.deliveries.list({ tenant: 'mallory', limit: 3 })).deliveries).toEqual([])
  for (let i = 0; i < 4; i++) {
    const { deliveries } = await deliver('olga', 'log')
    for (const one of deliveries) await queue.webhooks.outbox.end(one, { outcome: 'delivered' })
  }
  const { deliveries } = await queue.webhooks.deliveries.list({ tenant: 'olga', limit: 100, status: 'delivered' })
  expect(deliveries).toHaveLength(5)
})

it('gives a delivery that is asked for again all its tries and time', async () => {
  await queue.models.publish(manifestOf('again'), queue.worker)
  await add('agnes')
  const { lane, deliveries } = await deliver('agnes', 'again')
  const [first] = deliveries
  expect(first?.since).toBe(first?.createdAt)
  const failed = { at: new Date(0).toISOString(), status: 500, error: 'bad_status' as const, duration_ms: 1 }
  await queue.webhooks.outbox.end(first!, { outcome: 'failed', try: failed })
  // So much later that it shows.
  await until('another millisecond', () => Date.now() > Date.parse(first!.since) + 5)
  await queue.webhooks.deliveries.redeliver(first!.id, 'agnes')
  const [again] = (await queue.webhooks.outbox.lease(lane, 10, 60_000)).deliveries
  expect(again).toMatchObject({ id: first!.id, made: 0, total: 1, createdAt: first!.createdAt })
  expect(Date.parse(again!.since)).toBeGreaterThan(Date.parse(first!.since))
})

it('sends again what an endpoint did not get, also behind more of jobs that are gone than it takes at once', async () => {
  await queue.models.publish(manifestOf('lost'), queue.worker)
  const endpoint = anEndpoint()
  await add('lucy', endpoint)
  const log = openTestQueue(redis.url, { endedDeliveriesKept: 5000 })
  const fail = async () => {
    const { id, owed } = await end('lucy', 'lost')
    const target = { endpointId: endpoint.id, url: endpoint.url, skipped: true }
    for (const event of owed) await log.webhooks.outbox.fanOut(event, [target], '')
    return id
  }
  for (let n = 0; n < 26; n++) {
    const ids = await Promise.all(Array.from({ length: 40 }, fail))
    await raw.zadd(`{mr:${ids[0]!.slice(4, 12)}}:purge`, ...ids.flatMap((id) => [1, id]))
  }
  for (let more = true; more; ) ({ more } = await queue.upkeep.purgeDue('lost'))
  await Promise.all([fail(), fail()])
  const { deliveries } = log.webhooks
  expect(await deliveries.redeliverUndelivered('lucy', endpoint.id, 0)).toEqual({ count: 2, more: false })
  expect((await deliveries.list({ tenant: 'lucy', status: 'pending', limit: 10 })).deliveries).toHaveLength(2)
  await log.close()
}, 30_000)

it('forgets a delivery a week after its end', async () => {
  await queue.models.publish(manifestOf('week'), queue.worker)
  await add('will')
  const { id, lane, deliveries } = await deliver('will', 'week')
  await queue.webhooks.outbox.end(deliveries[0]!, { outcome: 'delivered' })
  await queue.webhooks.outbox.tidy([lane.shard])
  expect(await queue.webhooks.deliveries.get(deliveries[0]!.id, 'will')).toBeDefined()
  const left = Number(await raw.zscore(`${lane.shard}forget`, deliveries[0]!.id)) - Date.now()
  expect(Math.abs(left - 7 * 86_400_000)).toBeLessThan(60_000)
  await raw.zadd(`${lane.shard}forget`, 0, deliveries[0]!.id)
  await queue.webhooks.outbox.tidy([lane.shard])
  expect(await queue.webhooks.deliveries.get(deliveries[0]!.id, 'will')).toBeUndefined()
  expect((await queue.webhooks.deliveries.list({ tenant: 'will', job: id, limit: 10 })).deliveries).toEqual([])
})

it('forgets what is old page after page, however much there is', async () => {
  await queue.models.publish(manifestOf('heap'), queue.worker)
  await add('hank')
  const shard = `{mr:${newJob({ model: 'heap' }).id.slice(4, 12)}}:`
  for (let n = 0; n < 250; n++) {
    await raw.hset(`${shard}delivery:whd_${n}`, 'status', 'failed', 'tenant', 'hank', 'job', '', 'lane', 'x')
    await raw.zadd(`${shard}forget`, 1, `whd_${n}`)
  }
  await Promise.all([queue.webhooks.outbox.tidy([shard]), queue.webhooks.outbox.tidy([shard])])
  expect(await raw.exists(`${shard}forget`, `${shard}delivery:whd_0`, `${shard}delivery:whd_249`)).toBe(0)
})
