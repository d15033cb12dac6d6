import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type EndpointEvent, type JobWebhook, manifestSchema, WEBHOOK_EVENTS } from '@millrace/contracts'
import { createMetrics } from '@millrace/process'
import type { Queue, StoredEndpoint } from '@millrace/queue'
import { createWebhooks, type WebhooksOptions } from '@millrace/worker'
import { Redis } from 'ioredis'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue, silent } from '../../support/open-test-queue.ts'
import { builtProgram } from '../../support/processes/built-program.ts'
import { freePort, startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver.ts'
import { recordOf, statusOf } from '../../support/record-and-events.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'

/** An hour in 0.36 s. */
const FAST: WebhooksOptions['pace'] = { timeScale: 1e-4, pollMs: 20 }
const FAST_LIMITS = { openMs: 20, longestOpenMs: 100, busyMs: 20, totalMs: 1000 }
const DISPATCHER = await builtProgram(new URL('../../support/processes/dispatching-process.ts', import.meta.url))
let redis: TestRedis
let raw: Redis
let queue: Queue
let tenants = 0
const closing: (() => unknown)[] = []

beforeAll(async () => {
  redis = await startRedis({ appendonly: false })
  raw = new Redis(redis.url)
  queue = openTestQueue(redis.url)
  await queue.models.publish(
    manifestSchema.parse({ name: 'echo', version: '1', input_schema: {}, output_schema: {} }),
    queue.worker,
  )
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  await queue.close()
  raw.disconnect()
  await redis.stop()
})

const createWebhookSecret = () => `whsec_${randomBytes(32).toString('base64')}`
const newTenant = () => `tenant${++tenants}`

async function receive(port?: number): Promise<WebhookReceiver> {
  const receiver = await startWebhookReceiver(port)
  closing.push(() => receiver.close())
  return receiver
}

function dispatch(pace = FAST, options: Partial<WebhooksOptions> = { limits: FAST_LIMITS }) {
  const store = queue.webhooks
  const webhooks = createWebhooks({
    ...{ store, publicUrl: 'https://ml.example.com', allowHosts: ['127.0.0.1'], allowHttp: false, dispatch: true },
    ...{ metrics: createMetrics(), logger: silent, pace, ...options },
  })
  closing.push(() => webhooks.stop(500))
  void webhooks.start()
  return webhooks
}

async function addEndpoint(tenant: string, url: string, events: EndpointEvent[] = [...WEBHOOK_EVENTS]) {
  const endpoint: StoredEndpoint = {
    id: `whe_${String(++tenants).padStart(26, '0')}`,
    ...{ url, events, description: '', disabled: null, created_at: new Date().toISOString(), failing_since: null },
    secret: { current: createWebhookSecret(), previous: [] },
  }
  await queue.webhooks.settings.change(tenant, (all) => ({ ...all, endpoints: [...all.endpoints, endpoint] }))
  return endpoint
}

const endpointOf = async (tenant: string, id: string) =>
  (await queue.webhooks.settings.get(tenant)).endpoints.find((one) => one.id === id)

/** A job that ends at once. No other one waits in its line. */
async function endJob(
  tenant: string,
  webhook: JobWebhook | null = null,
  how: 'succeed' | 'fail' = 'succeed',
  line = ownLine(),
) {
  const job = newJob({ tenant, webhook, line, metadata: { order: '42' } })
  await queue.jobs.submit(job)
  await runOnce(job.id, how)
  return job.id
}

async function runOnce(id: string, how: 'succeed' | 'fail') {
  const hold = await holdJob(queue, await recordOf(queue, id))
  const error = {
    code: 'model_error',
    message: 'no \ud800',
    retryable: true,
    details: { traceback: 'secret' },
  } as const
  if (how === 'succeed')
    await queue.attempts.succeed(hold, { output: { value: { inline: '1' }, files: [] }, runSeconds: 1 })
  else await queue.attempts.fail(hold, { blame: 'final', error })
}

const deliveriesOf = async (tenant: string, more: { status?: 'failed' | 'skipped' | 'delivered' | 'pending' } = {}) =>
  (await queue.webhooks.deliveries.list({ tenant, limit: 100, ...more })).deliveries

const finals: JobWebhook['events'] = ['job.succeeded', 'job.failed', 'job.canceled']

it('tells a job’s own address and the endpoints of its tenant, each signed with its own secret', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  const endpoint = await addEndpoint(tenant, `${receiver.url}/endpoint`)
  await addEndpoint(newTenant(), `${receiver.url}/other`)
  const metrics = createMetrics()
  dispatch(FAST, { limits: FAST_LIMITS, metrics })
  const id = await endJob(tenant, { url: `${receiver.url}/own?token=t`, events: finals })
  await until('both are told', () => receiver.got.length === 2)
  const own = receiver.got.find(({ path }) => path === '/own?token=t')
  const theirs = receiver.got.find(({ path }) => path === '/endpoint')
  const { secret } = await queue.webhooks.settings.get(tenant)
  expect(new Webhook(secret!.current).verify(own!.body, own!.headers)).toMatchObject({
    type: 'job.succeeded',
    data: {
      id,
      status: 'succeeded',
      metadata: { order: '42' },
      urls: { self: `https://ml.example.com/v1/jobs/${id}` },
    },
  })
  new Webhook(endpoint.secret.current).verify(theirs!.body, theirs!.headers)
  await until(
    'both are kept as delivered',
    async () => (await deliveriesOf(tenant, { status: 'delivered' })).length === 2,
  )
  expect(await raw.hget(`{mr:${id.slice(4, 12)}}:job:${id}`, 'owed')).toBe('0')
  const measured = await until('it is measured', async () => {
    const text = await metrics.render()
    return text.includes('deliveries_total{status="delivered"} 2') ? text : undefined
  })
  expect(measured).toContain('millrace_webhook_tries_total{result="ok"} 2')
  expect(measured).toContain('millrace_webhooks_pending 0')
})

it('tells of a batch once, its own address and each endpoint that asked for such ends, however often it is said', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  const asked = await addEndpoint(tenant, `${receiver.url}/asked`, ['batch.ended'])
  await addEndpoint(tenant, `${receiver.url}/jobs`)
  const disabled = await addEndpoint(tenant, `${receiver.url}/disabled`, ['batch.ended'])
  await queue.webhooks.settings.change(tenant, (all) => ({
    ...all,
    endpoints: all.endpoints.map((one) =>
      one.id === disabled.id ? { ...one, disabled: { at: one.created_at, reason: 'manual' } } : one,
    ),
  }))
  const message = { webhookId: 'evt_batch_ended', url: `${receiver.url}/own`, body: '{"of":"it"}' }
  const send = () => queue.webhooks.deliveries.send(tenant, { ...message, event: 'batch.ended' })
  await Promise.all([send(), send()])
  dispatch()
  await until('both are told', async () => (await deliveriesOf(tenant, { status: 'delivered' })).length === 2)
  // Somebody else says it again, when there is one endpoint more: that one alone hears of it.
  await addEndpoint(tenant, `${receiver.url}/late`, ['batch.ended'])
  await send()
  await until('it is told, too', async () => (await deliveriesOf(tenant, { status: 'delivered' })).length === 3)
  expect(receiver.got.map(({ path }) => path).toSorted()).toEqual(['/asked', '/late', '/own'])
  const theirs = receiver.got.find(({ path }) => path === '/asked')
  expect(new Webhook(asked.secret.current).verify(theirs!.body, theirs!.headers)).toEqual({ of: 'it' })
  expect(await deliveriesOf(tenant, { status: 'skipped' })).toMatchObject([{ endpoint_id: disabled.id, tries_made: 0 }])
})

it('sends the same id and body on each try although the job moved on, and dates each try itself', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  receiver.answer = () => (receiver.got.length < 6 ? 500 : 200)
  dispatch()
  const id = await endJob(tenant, { url: `${receiver.url}/flaky`, events: finals }, 'fail')
  await until('a first try', () => receiver.got.length >= 1)
  await queue.jobs.rerun(id, tenant)
  await runOnce(id, 'succeed')
  await until('both ends are delivered', async () => (await deliveriesOf(tenant, { status: 'delivered' })).length === 2)
  const failed = receiver.got.filter(({ body }) => body.includes('job.failed'))
  expect(failed.length).toBeGreaterThan(1)
  expect(new Set(failed.map((one) => one.id)).size).toBe(1)
  expect(new Set(failed.map((one) => one.body)).size).toBe(1)
  expect(failed[0]!.body).not.toContain('secret')
  expect(new Set(receiver.got.map((one) => one.id)).size).toBe(2)
  for (const one of failed) expect(Math.abs(Number(one.headers['webhook-timestamp']) - one.at / 1000)).toBeLessThan(3)
})

it('delivers everything to a receiver that was down for an hour, and to one that another dispatcher died on', async () => {
  const [tenant, port] = [newTenant(), await freePort()]
  await addEndpoint(tenant, `http://127.0.0.1:${port}/`)
  const first = dispatch({ ...FAST, leaseMs: 500 })
  const ids = await Promise.all(Array.from({ length: 30 }, () => endJob(tenant)))
  await until(
    'tries failed',
    async () => (await deliveriesOf(tenant)).filter(({ tries }) => tries.length > 1).length > 5,
  )
  // It dies with deliveries in hand: these are leased and never ended.
  await first.stop(0)
  const lanes = await queue.webhooks.outbox.shards()
  await until('it holds some for ever', async () => {
    for (const lane of await queue.webhooks.outbox.lanes(lanes, 10)) {
      if ((await queue.webhooks.outbox.lease(lane, 4, 500)).deliveries.length > 0) return true
    }
    return false
  })
  const receiver = await receive(port)
  dispatch()
  await until('all are told', () => new Set(receiver.got.map(({ id }) => id)).size === ids.length, {
    timeoutMs: 20_000,
  })
  await until('none is pending', async () => (await deliveriesOf(tenant, { status: 'pending' })).length === 0)
  expect((await endpointOf(tenant, (await deliveriesOf(tenant))[0]!.endpoint_id!))?.failing_since).toBeNull()
})

/** Another process that sends, until it is killed. */
async function startDispatching(leaseMs: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [DISPATCHER, redis.url, String(leaseMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  closing.push(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) })
  return child
}

it('sends the same again from another process when one is killed in the middle of a post', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  receiver.answer = () => (receiver.got.length === 1 ? 'hang' : 204)
  const leaseMs = 4000
  const first = await startDispatching(leaseMs)
  const id = await endJob(tenant, { url: receiver.url, events: finals })
  await until('it is posted', () => receiver.got.length === 1)
  await startDispatching(leaseMs)
  const secondAt = Date.now()
  first.kill('SIGKILL')
  await until('it is delivered', async () => (await deliveriesOf(tenant, { status: 'delivered' })).length === 1)
  const [held, again] = receiver.got
  expect(receiver.got).toHaveLength(2)
  expect(again).toMatchObject({ id: held!.id, body: held!.body })
  expect(held!.body).toContain(id)
  expect(again!.at - held!.at).toBeGreaterThan(leaseMs - 500)
  expect(again!.at).toBeLessThan(Math.max(held!.at + leaseMs, secondAt) + 3000)
}, 40_000)

it('gives up after ten tries, keeps that in sight, and sends it again when asked', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  receiver.answer = () => 500
  const endpoint = await addEndpoint(tenant, receiver.url)
  // Three days in 5 s.
  dispatch({ ...FAST, timeScale: 2e-5 }, { limits: { ...FAST_LIMITS, failures: 100 } })
  await endJob(tenant)
  const failed = await until('it is given up', async () => (await deliveriesOf(tenant, { status: 'failed' }))[0], {
    timeoutMs: 20_000,
  })
  expect(failed).toMatchObject({ tries_made: 10, next_try_at: null, endpoint_id: endpoint.id })
  expect(failed.tries[0]).toMatchObject({ status: 500, error: 'bad_status' })
  receiver.answer = () => 200
  await queue.webhooks.settings.change(tenant, (all) => ({
    ...all,
    endpoints: all.endpoints.map((one) => ({ ...one, disabled: null, failing_since: null })),
  }))
  expect(await queue.webhooks.deliveries.redeliverUndelivered(tenant, endpoint.id, 0)).toEqual({
    count: 1,
    more: false,
  })
  await until('it is delivered', async () => (await deliveriesOf(tenant, { status: 'delivered' }))[0]?.id === failed.id)
  expect(new Set(receiver.got.map(({ id, body }) => id + body)).size).toBe(1)
})

it('sends no more to an endpoint that says 410, shows what is skipped, and goes on when it is enabled', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  const endpoint = await addEndpoint(tenant, receiver.url)
  receiver.answer = () => 410
  dispatch()
  await endJob(tenant)
  await until('it is disabled', async () => (await endpointOf(tenant, endpoint.id))?.disabled?.reason === 'gone')
  const missed = await endJob(tenant)
  const [skipped] = await until('the next is skipped', async () => {
    const found = await deliveriesOf(tenant, { status: 'skipped' })
    return found.length > 0 ? found : undefined
  })
  expect(skipped?.job_id).toBe(missed)
  expect(receiver.got).toHaveLength(1)
  receiver.answer = () => 204
  await queue.webhooks.settings.change(tenant, (all) => ({
    ...all,
    endpoints: all.endpoints.map((one) => ({ ...one, disabled: null })),
  }))
  const next = await endJob(tenant)
  await until('it hears again', () => receiver.got.some(({ body }) => body.includes(next)))
  expect(receiver.got.some(({ body }) => body.includes(missed))).toBe(false)
})

it('disables an endpoint that nothing arrived at for five days', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  receiver.answer = () => 500
  const endpoint = await addEndpoint(tenant, receiver.url)
  dispatch({ ...FAST, timeScale: 1e-7 }, { limits: FAST_LIMITS, failingMs: 50 })
  const disabled = async () => (await endpointOf(tenant, endpoint.id))?.disabled?.reason === 'failing'
  await until(
    'it is disabled',
    async () => {
      await endJob(tenant)
      return disabled()
    },
    { timeoutMs: 20_000, everyMs: 100 },
  )
})

it('delivers to a live receiver within a second while thousands are due for one that hangs', async () => {
  const [tenant, dead, live] = [newTenant(), await receive(), await receive()]
  dead.answer = () => 'hang'
  await addEndpoint(tenant, dead.url)
  const lines = Array.from({ length: 100 }, ownLine)
  for (let i = 0; i < 20; i++) await Promise.all(lines.map((line) => endJob(tenant, null, 'succeed', line)))
  dispatch({}, {})
  await until('the dead one is full', () => dead.got.length >= 4)
  const other = newTenant()
  const late: number[] = []
  for (let i = 0; i < 20; i++) {
    const since = Date.now()
    const id = await endJob(other, { url: live.url, events: finals })
    const got = await until('it is told', () => live.got.find(({ body }) => body.includes(id)), { everyMs: 5 })
    late.push(got.at - since)
  }
  late.sort((a, b) => a - b)
  expect(late[18]).toBeLessThan(1000)
  expect((await queue.webhooks.outbox.state()).pending).toBeGreaterThan(1900)
})

it('leaves room for the others when everything that one tenant names hangs, on many hosts', async () => {
  const [tenant, live] = [newTenant(), await receive()]
  const dead = await Promise.all(Array.from({ length: 6 }, () => receive()))
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  closing.push(() => process.off('warning', onWarning))
  for (const one of dead) one.answer = () => 'hang'
  const urls = dead.flatMap(({ url }) => [1, 2, 3, 4].map((n) => `${url}/${n}`))
  await Promise.all(urls.map((url) => endJob(tenant, { url, events: finals })))
  dispatch({ inAll: 32 }, { limits: { inAll: 32 } })
  const hanging = () => dead.reduce((sum, { got }) => sum + got.length, 0)
  await until('it has what it may have', () => hanging() >= 16)
  const id = await endJob(newTenant(), { url: live.url, events: finals })
  await until('another tenant is told', () => live.got.some(({ body }) => body.includes(id)), { timeoutMs: 3000 })
  expect(hanging()).toBe(16)
  expect(warnings).toEqual([])
})

it('gives up after five days, also what was hardly tried because so much waits for a receiver that is down', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  receiver.answer = () => 500
  const ids = await Promise.all(
    Array.from({ length: 40 }, () => endJob(tenant, { url: `${receiver.url}/down`, events: finals })),
  )
  // Five days in 0.9 s; the circuit opens at the fifth try and stays open.
  dispatch({ ...FAST, timeScale: 2e-6 }, { limits: { ...FAST_LIMITS, openMs: 60_000, longestOpenMs: 60_000 } })
  await until('all are given up', async () => (await deliveriesOf(tenant, { status: 'failed' })).length === ids.length)
  expect(receiver.got.length).toBeLessThan(10)
  expect(await raw.hget(`{mr:${ids[0]!.slice(4, 12)}}:job:${ids[0]}`, 'owed')).toBe('0')
})

it('keeps the record of a job past its retention for as long as a delivery is owed', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  receiver.answer = () => 500
  const id = await endJob(tenant, { url: receiver.url, events: finals })
  const prefix = `{mr:${id.slice(4, 12)}}:`
  const purgeable = async () => {
    await raw.zadd(`${prefix}purge`, 0, id)
    await queue.upkeep.purgeDue('echo')
    return (await statusOf(queue, id)) === 'purged'
  }
  expect(await purgeable()).toBe(false)
  dispatch()
  await until('a try', () => receiver.got.length > 0)
  expect(await purgeable()).toBe(false)
  receiver.answer = () => 200
  await until('it may go', purgeable)
})

it('sends a test once, also to a disabled endpoint, and signs with both secrets after a turn', async () => {
  const [tenant, receiver] = [newTenant(), await receive()]
  receiver.answer = () => 500
  const endpoint = await addEndpoint(tenant, receiver.url)
  const fresh = createWebhookSecret()
  await queue.webhooks.settings.change(tenant, (all, nowMs) => ({
    ...all,
    endpoints: all.endpoints.map((one) => ({
      ...one,
      disabled: { at: new Date(nowMs).toISOString(), reason: 'manual' },
      secret: {
        current: fresh,
        previous: [{ secret: endpoint.secret.current, until: new Date(nowMs + 9e6).toISOString() }],
      },
    })),
  }))
  dispatch()
  const id = await queue.webhooks.deliveries.test(tenant, endpoint)
  await until('it has failed', async () => (await queue.webhooks.deliveries.get(id, tenant))?.status === 'failed')
  expect(receiver.got).toHaveLength(1)
  const [{ body, headers }] = receiver.got as [WebhookReceiver['got'][0]]
  expect(headers['webhook-signature']!.split(' ')).toHaveLength(2)
  for (const secret of [fresh, endpoint.secret.current]) {
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ type: 'webhook.test' })
  }
})
