import { randomUUID } from 'node:crypto'
import { canMove, isTerminal, JOB_STATUSES, type JobStatus } from '@millrace/contracts'
import { type Blame, type Hold, newJobId, openQueue, type Queue, type SettleResult } from '@millrace/queue'
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { openTestRedis, tested } from '../../support/servers/open-test-redis.ts'
import { CHECKPOINT, OUTPUTS, RecordModel } from './record-model.ts'
import { takeJobs } from '../../support/take-jobs.ts'
import { ageRecord } from '../../support/age-record.ts'
import { checkMinutes, checkUsage, keyOf } from './check-usage.ts'
import { eventsOf } from '../../support/record-and-events.ts'

/** Runs random commands, many with stale fences, against the real scripts and against RecordModel, and compares. */

const RUNS = tested.kind === 'cluster' ? 100 : 2000
const MODEL = 'property'
const TENANTS = ['anna', 'bert'] as const
const PRIORITIES = ['high', 'normal', 'low'] as const

let stop: () => Promise<void>
let queue: Queue
let raw: Redis

beforeAll(async () => {
  const opened = await openTestRedis({ appendonly: false })
  ;({ raw, stop } = opened)
  const limits = { tenantJobs: 1_000_000, modelJobs: 1_000_000, retentionSeconds: 3600 }
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  // No lease ends by itself here.
  queue = openQueue({ url: opened.url, role: 'worker', logger, limits, lockMs: 600_000 })
  await raw.sadd('mr:models', MODEL)
})

afterAll(async () => {
  await queue.close()
  await stop()
})

interface World {
  id: string
  tenant: string
  priority: (typeof PRIORITIES)[number]
  webhook: boolean
  model: RecordModel
  key: { job: string; prefix: string }
  /** The last take that gave the job. */
  last: { process: string; fence: number } | undefined
  line: string
}

interface Step {
  does: string
  run(world: World): Promise<void>
}

const hold = (world: World, back: number): Hold => ({ id: world.id, fence: world.model.fence - back })
const text = (result: SettleResult): string => (result.outcome === 'done' ? `done ${result.status}` : result.outcome)
const error = { code: 'model_error', message: 'no', retryable: true } as const

const submit = (maxAttempts: number): Step => ({
  does: 'submit',
  async run(world) {
    if (world.model.status !== 'none') return
    world.model = new RecordModel(maxAttempts)
    const { id, tenant, line, priority } = world
    const result = await queue.jobs.submit({
      ...{
        id,
        tenant,
        key: keyOf(id),
        kind: 'prediction',
        model: MODEL,
        version: '1',
        line,
        input: { value: { inline: '{}' }, files: [] },
      },
      ...{ priority, metadata: {}, maxAttempts, timeoutSeconds: 1, runAt: null, expiresInSeconds: 600 },
      webhook: world.webhook
        ? { url: 'https://example.com/', events: ['job.succeeded', 'job.failed', 'job.canceled'] }
        : null,
      idempotency: { key: id, bodyHash: 'h' },
    })
    expect(result.outcome).toBe('created')
    world.model.status = 'queued'
    world.model.used.submitted++
  },
})

/** The record takes the form that it had in layout 2, with a field for each of its parts; some jobs of a Redis are such. */
const age: Step = {
  does: 'its record is of layout 2',
  async run({ model, key }) {
    if (model.status === 'none' || model.status === 'purged') return
    await ageRecord(raw, key.job)
  },
}

const submitAgain: Step = {
  does: 'submit again under the same key',
  async run({ id, tenant, model }) {
    if (model.status === 'none') return
    const idempotency = { key: id, bodyHash: 'h' }
    const result = await queue.jobs.submit(newJob({ tenant, model: MODEL, idempotency }))
    if (model.status === 'purged') expect(result).toEqual({ outcome: 'purged', id })
    else expect(result).toMatchObject({ outcome: 'replayed', record: { id, status: model.status } })
  },
}

/** `again`: the reply of the last one that gave the job was lost. */
const take = (alone: boolean, again: boolean): Step => ({
  does: `take${alone ? ' alone' : ''}${again ? ' again' : ''}`,
  async run(world) {
    const { model, line, last } = world
    const process = again && last ? last.process : randomUUID()
    const { records } = await takeJobs(queue, MODEL, { lines: [line], alone, process })
    const [record] = records
    expect(record ? `claimed ${record.fence}` : 'nothing').toBe(
      again && last ? model.takeAgain(last.fence, alone) : model.take(alone),
    )
    if (record) world.last = { process, fence: record.fence }
  },
})

let ended = 0
/** `seenBy`: who looks at leases that have ended. */
const lose = (seenBy: 'take' | 'reconcile'): Step => ({
  does: `its lease ends, which a ${seenBy} sees`,
  async run({ id, model, key }) {
    if (model.status !== 'running') return
    // Before those that lives before this one have left.
    await raw.zadd(`${key.prefix}lease`, -++ended, id)
    if (seenBy === 'take') await takeJobs(queue, MODEL, { lines: ['v:none'] })
    else await look(key.prefix)
    model.lose()
  },
})

/** The reconciler, whatever it did a moment ago. */
async function look(prefix: string): Promise<void> {
  await raw.del(`${prefix}reconciling`)
  await queue.upkeep.reconcile(MODEL)
}

const PARTIAL = { value: { inline: OUTPUTS.partial }, files: [] }

const settle = (action: 'succeed' | 'stop' | 'release' | 'hand back' | Blame, back: number, given: boolean): Step => ({
  does: `${action} at fence - ${back}${given ? ' with what it gave so far' : ''}`,
  async run(world) {
    const { attempts } = queue
    const at = hold(world, back)
    const success = { output: { value: { inline: OUTPUTS.whole }, files: [] }, runSeconds: 1 }
    const result =
      action === 'succeed'
        ? await attempts.succeed(at, success)
        : action === 'release' || action === 'hand back'
          ? await attempts.release(at, action === 'release')
          : action === 'stop'
            ? await attempts.stop(at, given ? PARTIAL : undefined)
            : await attempts.fail(at, { blame: action, error, runSeconds: 1, partial: given ? PARTIAL : undefined })
    const wasMine = world.model.fence === at.fence && world.model.status !== 'running' && !world.model.unheld
    const expected = world.model.settle(at.fence, action, given)
    // The settling that already happened is confirmed to whoever holds its fence: its reply may have been lost.
    if (!(wasMine && text(result) !== 'fenced')) expect(text(result)).toBe(expected)
    else expect(text(result)).toMatch(isTerminal(world.model.status as JobStatus) ? /^done/ : /^queued/)
  },
})

const beat = (back: number): Step => ({
  does: `beat at fence - ${back}`,
  async run(world) {
    const at = hold(world, back)
    expect(await queue.attempts.beat(at, { fraction: 0.5, message: null })).toBe(world.model.beat(at.fence))
  },
})

const append = (back: number, again: boolean): Step => ({
  does: `append at fence - ${back}${again ? ' again' : ''}`,
  async run(world) {
    const at = hold(world, back)
    const first = Math.max(1, world.model.said + (again ? 0 : 1))
    await queue.attempts.append(at, [{ type: 'log', level: 'info', message: 'a line' }], first)
    world.model.append(at.fence, first)
  },
})

const resolve = (back: number): Step => ({
  does: `resolve at fence - ${back}`,
  async run(world) {
    const at = hold(world, back)
    expect(await queue.attempts.resolveInputs(at, [])).toBe(world.model.resolve(at.fence))
  },
})

const checkpoint = (back: number): Step => ({
  does: `keep a checkpoint at fence - ${back}`,
  async run(world) {
    expect(await queue.attempts.keepCheckpoint(hold(world, back), CHECKPOINT)).toBe(world.model.keepCheckpoint(back))
  },
})

const cancel = (mine: boolean): Step => ({
  does: `cancel ${mine ? 'mine' : "another's"}`,
  async run({ id, tenant, model }) {
    const before = model.status
    const found = await queue.jobs.cancel(id, mine ? tenant : 'mallory')
    if (!mine || before === 'none') {
      expect(found).toEqual({ outcome: 'missing' })
      return
    }
    model.cancel()
    expect(found.outcome === 'found' ? found.record.status : found.outcome).toBe(model.status)
  },
})

const rerun: Step = {
  does: 'rerun',
  async run({ id, tenant, model }) {
    const result = await queue.jobs.rerun(id, tenant)
    expect(result.outcome).toBe(model.rerun())
  },
}

const purge: Step = {
  does: 'purge',
  async run({ id, tenant, model }) {
    if (model.status !== 'none') expect(await queue.jobs.purge(id, 'mallory')).toBe('missing')
    expect(await queue.jobs.purge(id, tenant)).toBe(model.purge())
  },
}

const outlive: Step = {
  does: 'its retention passes',
  async run({ id, model, key }) {
    if (!isEnded(model)) return
    await raw.zadd(`${key.prefix}purge`, 0, id)
    // A page soon after a full one of lives before is put off; this one is not about that.
    await raw.del(`${key.prefix}purging`)
    await queue.upkeep.purgeDue(MODEL)
    if (Number((await raw.hget(key.job, 'owed')) ?? 0) === 0) model.purge()
  },
}

const reconcile: Step = {
  does: 'reconcile',
  async run({ model, key, id }) {
    if (!model.open) return
    await raw.zadd(`${key.prefix}open`, 0, id)
    await look(key.prefix)
    model.inspect()
  },
}

const pass: Step = {
  does: 'the wait of a retry passes',
  async run({ model, key, id }) {
    if (model.place !== 'later') return
    await raw.zadd(`${key.prefix}later`, 0, id)
    await look(key.prefix)
    model.delayed = false
  },
}

const grow: Step = {
  does: 'the deadline passes',
  async run({ model, key }) {
    if (!model.open) return
    await raw.hset(key.job, 'expires_at', 1)
    model.late = true
  },
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.boolean(), fc.boolean()).map(([alone, again]) => take(alone, again)) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          'succeed',
          'stop',
          'release',
          'hand back',
          'model',
          'crash',
          'platform',
          'source',
          'final' as const,
        ),
        fc.constantFrom(0, 0, 0, 1, 2, -1),
        fc.boolean(),
      )
      .map(([action, back, given]) => settle(action as Blame, back, given)),
  },
  { weight: 2, arbitrary: fc.constantFrom(0, 1).map(beat) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(0, 1), fc.boolean()).map(([back, again]) => append(back, again)) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(resolve, checkpoint), fc.nat(1)).map(([step, back]) => step(back)) },
  { weight: 1, arbitrary: fc.constant(submitAgain) },
  { weight: 1, arbitrary: fc.constant(age) },
  { weight: 1, arbitrary: fc.boolean().map(cancel) },
  { weight: 1, arbitrary: fc.constant(rerun) },
  { weight: 1, arbitrary: fc.constant(purge) },
  { weight: 1, arbitrary: fc.constant(outlive) },
  { weight: 2, arbitrary: fc.constantFrom('take', 'reconcile' as const).map((by) => lose(by as 'take')) },
  { weight: 1, arbitrary: fc.constant(reconcile) },
  { weight: 2, arbitrary: fc.constant(pass) },
  { weight: 1, arbitrary: fc.constant(grow) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }).map(submit) },
)

const placesOf = (line: string, tenant: string) => ({
  ...{ row: `wait:${line}:${tenant}`, later: 'later', suspect: `suspect:${line}`, lease: 'lease' },
})

/** Everything that must be true together, read from outside the scripts. */
async function checkWhole({ id, tenant, model, key, line, priority }: World): Promise<void> {
  const p = raw.pipeline()
  p.hgetall(key.job)
  for (const set of ['open', 'purge', ...Object.values(placesOf(line, tenant))]) p.zscore(key.prefix + set, id)
  for (const status of JOB_STATUSES) p.zscore(`${key.prefix}index:${tenant}:${status}`, id)
  p.exists(`${key.prefix}events:${id}`)
  const [hash, open, due, row, later, suspect, lease, ...rest] = ((await p.exec()) ?? []).map(([, reply]) => reply)
  const record = hash as Record<string, string>
  const known = model.status !== 'none' && model.status !== 'purged'
  expect(record.status ?? 'none').toBe(known ? model.status : 'none')
  const found = await queue.jobs.get(id, { tenant })
  const status = found.outcome === 'found' ? found.record.status : found.outcome
  expect(status === 'missing' ? 'none' : status).toBe(model.status)
  expect(await queue.jobs.get(id, { tenant: 'mallory' })).toEqual({ outcome: 'missing' })
  // In time for its deadline, and not sooner than there is something to see.
  if (model.status === 'queued' && !model.begun && !model.late) {
    expect(Number(open)).toBeLessThanOrEqual(Number(record.expires_at) + 1)
    expect(Number(open)).toBeGreaterThan(Number(record.created_us) / 1000)
  }
  if (known) {
    const { fence = '0', failures = '0', crashes = '0' } = record
    const { inline = '' } = JSON.parse(record.output || '{}') as { inline?: string }
    expect(inline, 'output').toBe(OUTPUTS[model.output])
    expect(Boolean(record.checkpoint), 'checkpoint').toBe(model.hasCheckpoint)
    expect({ fence, failures, crashes }).toEqual({
      ...{ fence: `${model.fence}`, failures: `${model.failures}`, crashes: `${model.crashes}` },
    })
  }
  const ended = known && isTerminal(model.status as JobStatus)
  expect([open !== null, due !== null]).toEqual([model.open, ended])
  const places = Object.entries({ row, later, suspect, lease }).flatMap(([place, score]) =>
    score === null ? [] : [place],
  )
  expect(places, 'it is in one place').toEqual(model.place ? [model.place] : [])
  expect(Number(await raw.hget(`${key.prefix}lines`, line)), 'waiting in its line').toBe(
    model.status === 'queued' ? 1 : 0,
  )
  for (const one of ['high', 'low'])
    expect(await raw.scard(`${key.prefix}${one}:${line}`), `waiting with ${one} priority`).toBe(
      model.status === 'queued' && priority === one ? 1 : 0,
    )
  expect(await raw.zcard(`${key.prefix}turn:${line}`), 'tenants that have a turn').toBe(model.place === 'row' ? 1 : 0)
  JOB_STATUSES.forEach((status, i) => {
    expect(rest[i] !== null, `listed as ${status}`).toBe(known && status === model.status)
  })
  // Told by the record before its first move, and after its end.
  const page = { after: '', count: 1 }
  expect((await queue.jobs.eventPage(id, { tenant }, page)).outcome).toBe(known ? 'events' : 'missing')
  expect(await queue.jobs.eventPage(id, { tenant: 'mallory' }, page)).toEqual({ outcome: 'missing' })
  // A job that said nothing itself needs no stream.
  if (!known || (model.lines === 0 && !model.hasTold)) expect(rest.at(-1), 'streams').toBe(0)
}

/** Each end of a job owes exactly one event, and a delivery however many make it; nothing else owes any. */
async function checkOutbox({ id, webhook, model, key }: World): Promise<void> {
  const { outbox } = queue.webhooks
  const owed = (await outbox.owed([key.prefix], 1000)).filter(({ jobId }) => jobId === id)
  const events = await eventsOf(queue, id)
  const ends = events.flatMap(({ event }) =>
    event.type === 'status' && isTerminal(event.status) ? [`job.${event.status}`] : [],
  )
  // What is purged owes nothing: its log, of which `ends` is made, is gone too.
  expect(owed.map(({ facts }) => facts.event).sort()).toEqual(webhook ? ends.sort() : [])
  expect(owed.every(({ own }) => own !== null)).toBe(true)
  expect(new Set(owed.map(({ webhookId }) => webhookId)).size).toBe(owed.length)
  if (model.open || isEnded(model)) expect(Number((await raw.hget(key.job, 'owed')) ?? 0)).toBe(owed.length)
  const target = { endpointId: null, url: 'https://example.com/', skipped: false }
  // Two at once, as two dispatchers would.
  await Promise.all([...owed, ...owed].map((event) => outbox.fanOut(event, [target], '')))
  if (!isEnded(model)) return
  const { deliveries } = await queue.webhooks.deliveries.list({ tenant: owed[0]?.tenant ?? '', job: id, limit: 100 })
  expect(deliveries.map((one) => one.webhook_id).sort()).toEqual(owed.map(({ webhookId }) => webhookId).sort())
  expect(Number((await raw.hget(key.job, 'owed')) ?? 0)).toBe(owed.length)
}

const isEnded = ({ status }: RecordModel): boolean => status !== 'none' && status !== 'purged' && isTerminal(status)

/** Each claim is told as one attempt, which ended unless it is the one that goes on, and those whose model began are counted. */
async function checkAttempts({ id, tenant, model }: World): Promise<void> {
  if (model.status === 'none' || model.status === 'purged') return
  const found = await queue.jobs.get(id, { tenant })
  const { attempt, attempts, worker } = found.outcome === 'found' ? found.record : expect.fail(found.outcome)
  expect(attempts.map(({ resumed }) => resumed)).toEqual(model.resumed)
  expect(attempt).toBe(model.fence - model.unbegun)
  const numbers = attempts.flatMap((one) => one.number ?? [])
  expect(numbers).toEqual(Array.from({ length: attempt }, (_, i) => i + 1))
  attempts.forEach((one, i) => {
    const isOn = i === attempts.length - 1 && model.status === 'running'
    expect([one.outcome === 'running', one.ended_at === null]).toEqual([isOn, isOn])
  })
  expect(worker).toBe(attempts.at(-1)?.worker ?? null)
}

/** The log of a job tells only legal moves, and each line that was said once. */
async function checkStory({ id, model }: World): Promise<void> {
  if (model.status === 'none' || model.status === 'purged') return
  const events = await eventsOf(queue, id)
  expect(events.filter(({ event }) => event.type === 'log')).toHaveLength(model.lines)
  const statuses = events.flatMap(({ event }) => (event.type === 'status' ? [event.status] : []))
  expect(statuses[0]).toBe('queued')
  expect(statuses.at(-1)).toBe(model.status)
  for (let i = 1; i < statuses.length; i++) {
    const [from, to] = [statuses[i - 1] as JobStatus, statuses[i] as JobStatus]
    expect(canMove(from, to), `${from} -> ${to}`).toBe(true)
  }
}

it(`agrees with a plain model of a job in ${RUNS} random lives`, { timeout: 240_000 }, async () => {
  const property = fc.asyncProperty(
    fc.array(steps, { minLength: 2, maxLength: 14 }),
    fc.constantFrom(...TENANTS),
    fc.constantFrom(...PRIORITIES),
    fc.boolean(),
    fc.integer({ min: 1, max: 3 }),
    async (life, tenant, priority, webhook, attempts) => {
      const id = newJobId(MODEL)
      const prefix = `{mr:${id.slice(4, 12)}}:`
      const key = { job: `${prefix}job:${id}`, prefix }
      const world: World = {
        ...{ id, tenant, priority, webhook, key, last: undefined, line: `v:${id}` },
        model: new RecordModel(attempts),
      }
      if (attempts > 1 || webhook) await submit(attempts).run(world)
      for (const step of life) await step.run(world)
      await checkWhole(world)
      await checkStory(world)
      await checkAttempts(world)
      await checkUsage({ queue, raw }, world)
      await checkOutbox(world)
    },
  )
  await fc.assert(property, { numRuns: RUNS, endOnFailure: false })
  await checkMinutes(queue, MODEL, TENANTS)
})
