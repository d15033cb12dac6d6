import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import type { JobId, JobRecord } from '@millrace/contracts'
import { type AttemptStore, InvalidCursorError, isUnavailable, type Queue } from '@millrace/queue'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue, TEST_LINE } from '../../support/open-test-queue.ts'
import { builtProgram } from '../../support/processes/built-program.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'
import { runJobs } from '../../support/run-jobs.ts'
import { holdJob, takeJobs } from '../../support/take-jobs.ts'
import { recordOf } from '../../support/record-and-events.ts'

const HOLDING_WORKER = await builtProgram(new URL('../../support/processes/holding-worker.ts', import.meta.url))
let redis: TestRedis
let raw: Redis
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  redis = await startRedis()
  raw = new Redis(redis.url)
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(async () => {
  raw.disconnect()
  await redis.stop()
})

function open(options: Parameters<typeof openTestQueue>[1] = {}): Queue {
  const queue = openTestQueue(redis.url, options)
  closing.push(() => queue.close())
  return queue
}

/** Takes jobs of a model as long as the test lasts, and has each succeed at once. Notes their ids in the order of their starts. */
function consume(queue: Queue, model: string, { seen = [] as string[], places = 4 } = {}): void {
  const succeed = (attempts: AttemptStore, { id, fence }: JobRecord) => {
    seen.push(id)
    return attempts.succeed({ id, fence }, { output: { value: { inline: '1' }, files: [] }, runSeconds: 0 })
  }
  const running = runJobs(queue, model, succeed, { places })
  closing.push(() => running.close())
}

it('makes one job of 100 concurrent submits with one key', async () => {
  const queue = open()
  const idempotency = { key: 'same', bodyHash: 'h' }
  const results = await Promise.all(
    Array.from({ length: 100 }, () => queue.jobs.submit(newJob({ model: 'once', idempotency }))),
  )
  const ids = new Set(results.map((result) => ('record' in result ? result.record.id : result.outcome)))
  expect(ids.size).toBe(1)
  expect(results.filter((result) => result.outcome === 'created')).toHaveLength(1)
  expect((await queue.jobs.list({ tenant: 'default', filter: { model: 'once' }, limit: 10 })).records).toHaveLength(1)
})

it('refuses the same key with another body, and keeps tenants apart', async () => {
  const queue = open()
  const first = await queue.jobs.submit(newJob({ idempotency: { key: 'k', bodyHash: 'a' } }))
  const second = await queue.jobs.submit(newJob({ idempotency: { key: 'k', bodyHash: 'b' } }))
  const other = await queue.jobs.submit(newJob({ tenant: 'bert', idempotency: { key: 'k', bodyHash: 'b' } }))
  expect([first.outcome, second.outcome, other.outcome]).toEqual(['created', 'mismatch', 'created'])
})

it('answers with a canceled job under a key that its client gave, and not under one that was made for it', async () => {
  const queue = open()
  const submit = (key: string, keptMs?: number) =>
    queue.jobs.submit(newJob({ idempotency: { key, bodyHash: 'h', ...(keptMs && { keptMs }) } }))
  const idOf = (result: Awaited<ReturnType<typeof submit>>) => ('record' in result ? result.record.id : result.outcome)
  for (const [key, keptMs, isKept] of [['given', undefined, true] as const, ['made', 60_000, false] as const]) {
    const first = idOf(await submit(key, keptMs))
    expect(idOf(await submit(key, keptMs))).toBe(first)
    await queue.jobs.cancel(first as JobId, 'default')
    const next = idOf(await submit(key, keptMs))
    expect(next === first).toBe(isKept)
    expect(idOf(await submit(key, keptMs))).toBe(next)
  }
})

it("lets the purge of an old job take no key away that is another job's by now", async () => {
  const queue = open()
  const key = { model: 'rekeyed', idempotency: { key: 'daily', bodyHash: 'h' } }
  const old = newJob(key)
  await queue.jobs.submit(old)
  // A day passes.
  await raw.del(await raw.keys(`{mr:${old.id.slice(4, 12)}}:idem:*`))
  const young = newJob(key)
  await queue.jobs.submit(young)
  await queue.jobs.purge(old.id, 'default')
  const again = await queue.jobs.submit(newJob(key))
  expect(again).toMatchObject({ outcome: 'replayed', record: { id: young.id } })
  await queue.jobs.purge(young.id, 'default')
  expect(await queue.jobs.submit(newJob(key))).toEqual({ outcome: 'purged', id: young.id })
})

const begunThenLate = async (queue: Queue, begun: boolean) => {
  const job = newJob({ model: `drained-${begun}` })
  const prefix = `{mr:${job.id.slice(4, 12)}}:`
  await queue.jobs.submit(job)
  const hold = await holdJob(queue, job)
  await raw.hset(`${prefix}job:${job.id}`, 'expires_at', 1)
  await queue.attempts.release(hold, begun)
  await raw.zadd(`${prefix}open`, 0, job.id)
  await queue.upkeep.reconcile(job.model)
  return takeJobs(queue, job.model)
}

it('lets no job expire whose model began in time, and was given back later', async () => {
  expect((await begunThenLate(open(), true)).records).toHaveLength(1)
})

it('lets a job expire that was claimed in time but given back before its model began', async () => {
  const queue = open()
  expect((await begunThenLate(queue, false)).records).toEqual([])
  const [record] = (await queue.jobs.list({ tenant: 'default', filter: { model: 'drained-false' }, limit: 1 })).records
  expect(record).toMatchObject({ status: 'failed', error: { code: 'expired' } })
})

it('holds the limits of a tenant and of a model when submits race', async () => {
  const queue = open({ limits: { tenantJobs: 5, modelJobs: 8, retentionSeconds: 60 } })
  const jobs = ['anna', 'bert'].flatMap((tenant) =>
    Array.from({ length: 10 }, () => newJob({ model: 'limited', tenant })),
  )
  const results = await Promise.all(jobs.map((job) => queue.jobs.submit(job)))
  const outcomes = results.map((result) => (result.outcome === 'limited' ? result.scope : result.outcome))
  expect(outcomes.slice(0, 10).filter((outcome) => outcome === 'created')).toHaveLength(5)
  expect(outcomes.slice(10).filter((outcome) => outcome === 'created')).toHaveLength(3)
  expect(outcomes.slice(10)).toContain('model')
})

it('lists newest first over models and pages without a gap or a repeat', async () => {
  const queue = open()
  const ids: string[] = []
  for (let i = 0; i < 25; i++) {
    const job = newJob({ model: i % 2 ? 'list-a' : 'list-b', tenant: 'lister' })
    await queue.models.publish({ ...manifest, name: job.model }, queue.worker)
    await queue.jobs.submit(job)
    ids.unshift(job.id)
  }
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await queue.jobs.list({ tenant: 'lister', limit: 7, cursor })
    seen.push(...page.records.map((record) => record.id))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen).toEqual(ids)
})

it('lists the rest where one record is not understood, and names it; likewise models', async () => {
  const queue = open()
  const ids: string[] = []
  for (const _ of [1, 2, 3]) {
    const job = newJob({ model: 'mixed', tenant: 'mixed' })
    await queue.models.publish({ ...manifest, name: job.model }, queue.worker)
    await queue.jobs.submit(job)
    ids.unshift(job.id)
  }
  const odd = ids[1] ?? ''
  await raw.hset(`{mr:${odd.slice(4, 12)}}:job:${odd}`, 'priority', 'of another version')
  expect(await queue.jobs.list({ tenant: 'mixed', limit: 10 })).toMatchObject({
    records: [{ id: ids[0] }, { id: ids[2] }],
    unreadable: [odd],
  })
  const before = (await queue.models.list()).length
  const [key = ''] = await raw.keys('*:manifest')
  const kept = (await raw.get(key)) ?? ''
  await raw.set(key, '{"name":"odd"}')
  expect(await queue.models.list()).toHaveLength(before - 1)
  await raw.set(key, kept)
})

it('says of a text that is no cursor that it is none, not that Redis is away', async () => {
  await expect(open().jobs.list({ tenant: 'lister', limit: 1, cursor: 'nonsense' })).rejects.toThrow(InvalidCursorError)
})

const manifest = {
  ...{ name: 'echo', version: '1', description: '', input_schema: {}, output_schema: {}, streams: false, batch: null },
  ...{ timeout_seconds: 60, max_attempts: 1, cancel_grace_seconds: 1, training: null, concurrency: 1 },
}

it('reads a manifest as the same object until it changes', async () => {
  const queue = open()
  await queue.models.publish({ ...manifest, name: 'once-parsed' }, queue.worker)
  const read = async () => (await queue.models.list()).find((one) => one.manifest.name === 'once-parsed')?.manifest
  const first = await read()
  expect(first).toMatchObject({ name: 'once-parsed', version: '1' })
  expect(await read()).toBe(first)
  expect((await queue.models.get('once-parsed'))?.manifest).toBe(first)
  await queue.models.publish({ ...manifest, name: 'once-parsed', version: '2' }, queue.worker)
  expect((await read())?.version).toBe('2')
})

it('serves high priority before normal before low, and tells the place in line so', async () => {
  const queue = open()
  const jobs = (['low', 'normal', 'high'] as const).map((priority) => newJob({ model: 'ranked', priority }))
  for (const job of jobs) await queue.jobs.submit(job)
  const positions = await Promise.all(
    jobs.map(async (job) => (await queue.jobs.place(await recordOf(queue, job.id)))?.position),
  )
  expect(positions).toEqual([3, 2, 1])
  const seen: string[] = []
  consume(queue, 'ranked', { seen, places: 1 })
  await until('all ran', () => seen.length === 3)
  expect(seen).toEqual(jobs.map((job) => job.id).reverse())
})

/** A process that claims the model's next job and then only holds it. */
async function holdElsewhere(model: string): Promise<{ child: ChildProcess; said: string[] }> {
  const child = spawn(process.execPath, [HOLDING_WORKER, redis.url, model], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  closing.push(async () => child.kill('SIGKILL'))
  const said: string[] = []
  child.stdout?.on('data', (data) => said.push(...String(data).trim().split('\n')))
  await until('the job is claimed', () => said.includes('claimed 1'))
  return { child, said }
}

it('runs a job again, once, after its worker was killed', async () => {
  const queue = open()
  const job = newJob({ model: 'killed' })
  await queue.jobs.submit(job)
  const { child } = await holdElsewhere('killed')
  child.kill('SIGKILL')
  const seen: string[] = []
  consume(queue, 'killed', { seen })
  await until('it ran', async () => (await recordOf(queue, job.id)).status === 'succeeded', { timeoutMs: 20_000 })
  expect(await recordOf(queue, job.id)).toMatchObject({ fence: 2, crashes: 1 })
  expect(seen).toEqual([job.id])
})

it('gives a frozen worker that wakes up no say any more', async () => {
  const queue = open()
  const job = newJob({ model: 'frozen' })
  await queue.jobs.submit(job)
  const { child, said } = await holdElsewhere('frozen')
  child.kill('SIGSTOP')
  consume(queue, 'frozen')
  await until('it ran', async () => (await recordOf(queue, job.id)).status === 'succeeded', { timeoutMs: 20_000 })
  const before = await recordOf(queue, job.id)
  child.kill('SIGCONT')
  child.stdin?.write('finish\n')
  await until('the zombie was answered', () => said.length === 2)
  expect(said[1]).toBe('fenced')
  expect(await recordOf(queue, job.id)).toEqual(before)
})

it('answers within 2.5 s while Redis is frozen or gone, and heals by itself', async () => {
  const api = open({ role: 'api' })
  await until('connected', () =>
    api.jobs.get(newJob().id, { tenant: 'default' }).then(
      () => true,
      () => false,
    ),
  )
  await redis.kill('SIGSTOP')
  const frozen = Date.now()
  await expect(api.jobs.submit(newJob())).rejects.toSatisfy(isUnavailable)
  expect(Date.now() - frozen).toBeLessThan(2500)
  await redis.kill('SIGCONT')
  await redis.kill('SIGKILL')
  const gone = Date.now()
  await expect(api.jobs.get(newJob().id, { tenant: 'default' })).rejects.toSatisfy(isUnavailable)
  await expect(api.jobs.submit(newJob())).rejects.toSatisfy(isUnavailable)
  expect(Date.now() - gone).toBeLessThan(2500)
  await redis.restart()
  await until('healed', async () => (await api.jobs.submit(newJob()).catch(() => undefined))?.outcome === 'created')
})

it('says which settings would lose jobs', async () => {
  const unsafe = await startRedis({
    appendonly: false,
    extraArgs: ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'],
  })
  closing.push(() => unsafe.stop())
  const queue = openTestQueue(unsafe.url)
  closing.push(() => queue.close())
  const health = await queue.health()
  expect(health.faults.join(' ')).toMatch(/appendonly yes.*noeviction/)
  expect(health.memoryShare).toBeGreaterThan(0)
  expect((await open().health()).faults).toEqual([])
})

const partial = { value: { inline: '["so far"]' }, files: [] }
const failure = { code: 'model_error', message: 'no', retryable: true } as const

/** Submits a job that may be tried so often, and claims it. */
async function claimed(queue: Queue, maxAttempts = 1) {
  const job = newJob({ model: 'partial', line: `v:${randomUUID()}`, maxAttempts })
  await queue.jobs.submit(job)
  return holdJob(queue, job)
}

it('keeps what a failed job had given so far, and clears it for a rerun', async () => {
  const queue = open()
  const hold = await claimed(queue)
  await queue.attempts.fail(hold, { blame: 'model', error: failure, runSeconds: 1, partial })
  expect(await recordOf(queue, hold.id)).toMatchObject({ status: 'failed', output: partial.value, output_files: [] })
  await queue.jobs.rerun(hold.id, 'default')
  expect(await recordOf(queue, hold.id)).toMatchObject({ status: 'queued', output: null, output_files: [] })
})

it('keeps nothing of an attempt that is followed by another', async () => {
  const queue = open()
  const hold = await claimed(queue, 2)
  expect(await queue.attempts.fail(hold, { blame: 'model', error: failure, runSeconds: 1, partial })).toMatchObject({
    outcome: 'queued',
  })
  expect(await recordOf(queue, hold.id)).toMatchObject({ status: 'queued', output: null })
})

it('keeps what a canceled job had given so far, whether it stopped or failed after it was asked to', async () => {
  const queue = open()
  for (const end of ['stop', 'fail'] as const) {
    const hold = await claimed(queue)
    await queue.jobs.cancel(hold.id, 'default')
    if (end === 'stop') await queue.attempts.stop(hold, partial)
    else await queue.attempts.fail(hold, { blame: 'final', error: failure, runSeconds: 1, partial })
    expect(await recordOf(queue, hold.id)).toMatchObject({ status: 'canceled', output: partial.value })
  }
})

it('keeps what a model measured itself', async () => {
  const queue = open()
  const hold = await claimed(queue)
  await queue.attempts.succeed(hold, { output: partial, runSeconds: 1, modelMetrics: { pages: 7 } })
  expect(await recordOf(queue, hold.id)).toMatchObject({ status: 'succeeded', model_metrics: { pages: 7 } })
})

it('survives a script flush', async () => {
  const queue = open()
  await queue.jobs.submit(newJob())
  await raw.script('FLUSH')
  expect((await queue.jobs.submit(newJob())).outcome).toBe('created')
})

it('takes more jobs at once when it may hold more, though none of those in hand has ended', async () => {
  const queue = open()
  for (let i = 0; i < 3; i++) await queue.jobs.submit(newJob({ model: 'patient' }))
  const seen: string[] = []
  let places = 1
  const room = () => places - seen.length
  const handOut = queue.createHandOut(
    { model: 'patient', version: '1.0.0', lines: [TEST_LINE] },
    {
      hasRoom: () => room() > 0,
      room: () =>
        room() > 0
          ? { places: room(), alone: seen.length === 0, fill: (records) => seen.push(...records.map(({ id }) => id)) }
          : undefined,
      isWellFilled: () => false,
      becomeIdle: () => undefined,
    },
  )
  closing.push(() => handOut.close())
  handOut.start()
  for (const count of [1, 2, 3]) {
    places = count
    handOut.poke()
    await until(`${count} are in hand`, () => seen.length === count)
  }
})

it('hears the bell again after it rang in vain', async () => {
  const queue = open()
  let letGo = (): void => undefined
  const held = new Promise<void>((resolve) => (letGo = resolve))
  const seen: string[] = []
  const act = async (attempts: AttemptStore, { id, fence }: JobRecord): Promise<void> => {
    seen.push(id)
    await held
    await attempts.succeed({ id, fence }, { output: { value: { inline: '1' }, files: [] }, runSeconds: 0 })
  }
  const running = runJobs(queue, 'rung', act, { places: 1 })
  closing.push(() => running.close())
  const submit = () => queue.jobs.submit(newJob({ model: 'rung' }))
  const prefix = `{mr:${newJob({ model: 'rung' }).id.slice(4, 12)}}:`
  await submit()
  await until('one is held', () => seen.length === 1)
  await submit()
  // Heard without room, and passed on.
  await until('the bell waits for somebody else', async () => (await raw.llen(`${prefix}bell:${TEST_LINE}`)) === 1)
  letGo()
  await until('both have run', async () => seen.length === 2 && (await raw.exists(`${prefix}lease`)) === 0)
  const begun = performance.now()
  await submit()
  await until('it ran', () => seen.length === 3, { everyMs: 10 })
  // Whoever does not hear it looks after three seconds.
  expect(performance.now() - begun).toBeLessThan(1000)
})
