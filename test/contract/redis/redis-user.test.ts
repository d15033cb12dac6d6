/** What a Redis user must be allowed, and what becomes of moves when it is not allowed all of it. */
import { readFileSync } from 'node:fs'
import { type JobRecord, type JobWebhook, manifestSchema } from '@millrace/contracts'
import { type AttemptStore, type Hold, type NewJob, newObjectName, newUploadId, type Queue } from '@millrace/queue'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'
import { runJobs as runJobsOf } from '../../support/run-jobs.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'
import { eventsOf, recordOf, statusOf } from '../../support/record-and-events.ts'

let redis: TestRedis
let admin: Redis
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  redis = await startRedis()
  admin = new Redis(redis.url)
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  admin.disconnect()
  await redis.stop()
})

/** A queue that speaks as a user with these rules. */
async function openAs(user: string, ...rules: string[]): Promise<Queue> {
  await admin.call('ACL', 'LOG', 'RESET')
  await admin.call('ACL', 'SETUSER', user, 'reset', 'on', '>secret', ...rules)
  const queue = openTestQueue(`redis://${user}:secret@127.0.0.1:${redis.port}`)
  closing.push(() => queue.close())
  return queue
}

const claim = async (queue: Queue, id: JobRecord['id']): Promise<Hold> => holdJob(queue, await recordOf(queue, id))

it('makes every move whole for a user who may not publish: a hint is lost, nothing else', async () => {
  const queue = await openAs('mute', '~*', '+@all', 'resetchannels')
  const webhook = { url: 'https://example.com/hook', events: ['job.succeeded', 'job.canceled', 'job.failed'] }
  const submit = async () => {
    const made = await queue.jobs.submit(
      newJob({ model: 'mute', line: ownLine(), maxAttempts: 2, webhook: webhook as JobWebhook }),
    )
    if (made.outcome !== 'created') throw new Error(made.outcome)
    return made.record
  }
  const [done, failed, canceled, running] = [await submit(), await submit(), await submit(), await submit()]
  const owed = async () => admin.zcard((await admin.keys('*:outbox'))[0] ?? '')

  await queue.attempts.succeed(await claim(queue, done.id), {
    output: { value: { inline: '1' }, files: [] },
    runSeconds: 0,
  })
  expect(await recordOf(queue, done.id)).toMatchObject({ status: 'succeeded' })
  expect(await owed()).toBe(1)

  const fault = { code: 'model_error', message: 'no', retryable: true } as const
  expect(await queue.attempts.fail(await claim(queue, failed.id), { blame: 'model', error: fault })).toMatchObject({
    outcome: 'queued',
  })
  expect(await recordOf(queue, failed.id)).toMatchObject({ status: 'queued', fence: 1 })

  await queue.jobs.cancel(canceled.id, canceled.tenant)
  expect(await recordOf(queue, canceled.id)).toMatchObject({ status: 'canceled' })
  expect(await owed()).toBe(2)

  const hold = await claim(queue, running.id)
  await queue.jobs.cancel(running.id, running.tenant)
  expect(await queue.attempts.beat(hold)).toBe('cancel')
  await queue.attempts.append(hold, [{ type: 'log', level: 'info', message: 'x' }], 1)
  expect(await queue.attempts.stop(hold)).toMatchObject({ outcome: 'done', status: 'canceled' })

  expect(await queue.jobs.purge(done.id, 'default')).toBe('purged')
  expect(await statusOf(queue, done.id)).toBe('purged')
  const prefix = (await admin.keys('*:outbox'))[0]?.replace(/outbox$/, '')
  expect(await admin.zrange(`${prefix}later`, '0', '-1')).toEqual([failed.id])
  expect(await admin.hgetall(`${prefix}counts`)).toEqual({ succeeded: '1', canceled: '2' })
})

/** The rights that docs/deploy.md tells operators to give. */
const DEPLOY = new URL('../../../docs/deploy.md', import.meta.url)
const DOCUMENTED = [...readFileSync(DEPLOY, 'utf8').matchAll(/ACL SETUSER millrace (?:on >PASSWORD )?(.+)/g)].flatMap(
  ([, rules = '']) => rules.split(' '),
)
const MANIFEST = manifestSchema.parse({ name: 'rights', version: '1', input_schema: {}, output_schema: {} })
const FILE = { name: 'a.txt', contentType: 'text/plain', size: 3, sha256: 'a'.repeat(64) }

it('needs no more rights than the documented ones, whatever the product does', async () => {
  const queue = await openAs('documented', ...DOCUMENTED)
  await until('the connections stand', async () => (await queue.denied().catch(() => ['away'])).length === 0)
  expect(await queue.health()).toMatchObject({ faults: [] })

  await serveModel(queue)
  await runJobs(queue)
  await cancelJobs(queue)
  await sendWebhooks(queue)
  await keepFiles(queue)
  await setRight(queue)
  // Whatever was refused and swallowed on the way stands here.
  expect(await admin.call('ACL', 'LOG')).toEqual([])
})

async function serveModel(queue: Queue): Promise<void> {
  await queue.models.publish(MANIFEST, queue.worker)
  expect(await queue.models.list()).toMatchObject([{ manifest: { name: 'rights' }, workers: 1 }])
  expect(await queue.scaling.state('rights', { targetWaitMs: 1000 })).toMatchObject({
    queued: 0,
    pools: [{ workers: 1 }],
  })
  const taking = runJobsOf(queue, 'rights', runOne, { places: 2 })
  closing.push(() => taking.close())
}

async function runOne(attempts: AttemptStore, { id, fence }: JobRecord): Promise<void> {
  await attempts.beat({ id, fence }, { fraction: 0.5, message: 'half' })
  await attempts.succeed({ id, fence }, { output: { value: { inline: '1' }, files: [] }, runSeconds: 0 })
}

async function runJobs(queue: Queue): Promise<void> {
  const ended = new Set<string>()
  const heard: string[] = []
  const webhook = { url: 'https://example.com/hook', events: ['job.succeeded'] } as JobWebhook
  const jobs = [null, null, Date.now() + 100].map((runAt) => newJob({ model: 'rights', webhook, runAt }))
  for (const { id } of jobs) {
    queue.changes.onEnd(id, () => ended.add(id))
    queue.changes.follow(id, ({ kind }) => heard.push(kind))
  }
  for (const job of jobs) await queue.jobs.submit(job)
  const hasRun = async ({ id }: NewJob) => (await recordOf(queue, id)).status === 'succeeded'
  await until('all have run', async () => (await Promise.all(jobs.map(hasRun))).every(Boolean))
  await until('it was heard of', () => ended.size === jobs.length && heard.includes('event'))
  expect((await queue.jobs.list({ tenant: 'default', filter: { model: 'rights' }, limit: 2 })).records).toHaveLength(2)
  expect(await eventsOf(queue, (jobs[0] as NewJob).id, '0-0')).not.toHaveLength(0)
}

async function cancelJobs(queue: Queue): Promise<void> {
  const asked: string[] = []
  queue.changes.onCancel((id) => asked.push(id))
  const [running, waiting] = [newJob({ model: 'idle' }), newJob({ model: 'idle' })]
  await queue.jobs.submit(running)
  const hold = await claim(queue, running.id)
  await queue.jobs.cancel(running.id, 'default')
  await until('the cancel was heard of', () => asked.includes(running.id))
  await queue.attempts.append(hold, [{ type: 'log', level: 'info', message: 'x' }], 1)
  await queue.attempts.stop(hold)
  const { record } = (await queue.jobs.submit(waiting)) as { record: JobRecord }
  expect(await queue.jobs.place(record)).toMatchObject({ position: 1 })
  await queue.jobs.cancel(waiting.id, 'default')
  await queue.jobs.purge(running.id, 'default')
  await queue.jobs.purged(running.id, 'default')
}

async function sendWebhooks(queue: Queue): Promise<void> {
  const { outbox, settings, deliveries } = queue.webhooks
  await settings.change('default', ({ secret, endpoints }) => ({ secret, endpoints }))
  const shards = await outbox.shards()
  const target = { endpointId: null, url: 'https://example.com/hook', skipped: false }
  for (const event of await outbox.owed(shards, 10)) await outbox.fanOut(event, [target], '')
  const lanes = await outbox.lanes(shards, 10)
  const leased = await Promise.all(lanes.map((lane) => outbox.lease(lane, 10, 60_000)))
  const all = leased.flatMap(({ deliveries: some }) => some)
  expect(all).not.toHaveLength(0)
  for (const delivery of all) await outbox.end(delivery, { outcome: 'skipped' })
  await deliveries.list({ tenant: 'default', limit: 10 })
  await deliveries.redeliver(all[0]?.id ?? '', 'default')
  await outbox.tidy(shards)
  await outbox.state()
}

async function keepFiles({ files, worker, fileSecret }: Queue): Promise<void> {
  const [job, id, announced] = [newJob().id, newUploadId('default'), newUploadId('default')]
  const blob = { object: newObjectName(), size: FILE.size, sha256: FILE.sha256 }
  expect(await files.keep('default', job, blob)).toMatchObject({ outcome: 'kept' })
  expect(await files.adoptFile('default', id, blob, FILE)).toBe(true)
  expect(await files.hold('default', job, [blob.sha256], [id])).toMatchObject({ outcome: 'held', files: [{}] })
  await files.announce('default', { ...FILE, id: announced, object: newObjectName(), upload: undefined })
  expect(await files.get(announced, { tenant: 'default' })).toMatchObject({ status: 'announced' })
  expect(await files.takeTurn(worker, 1000)).toBe(true)
  expect(await files.tenants()).toEqual(['default'])
  await files.expired('default', 10)
  await files.oldHolders('default', 0, 10)
  await files.stillHolds('default', job)
  expect(await files.condemn('default', newObjectName())).toBe(true)
  for (const holder of [announced, job, id]) await files.deleted('default', await files.release('default', holder))
  await files.trash('default', 0, 10)
  expect(await fileSecret()).toMatch(/./)
}

async function setRight({ upkeep, models, worker }: Queue): Promise<void> {
  for (const model of await upkeep.models()) {
    await upkeep.reconcile(model)
    await upkeep.purgeDue(model)
  }
  await models.withdraw(MANIFEST, worker)
}
