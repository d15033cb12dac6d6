import { type JobId, type JobRecord, tagOfJobId } from '@millrace/contracts'
import type { HandOut, Queue, Taker } from '@millrace/queue'
import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { startRedisProxy } from '../../chaos/faults/redis-proxy.ts'
import { newJob, openTestQueue, TEST_LINE } from '../../support/open-test-queue.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { takeJob, takeJobs } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'

const { redis, raw, queue } = await openQueueStand({ lockMs: 1000 }, {})

/** Longer than any wake, and shorter than the time after which a worker looks unasked. Milliseconds. */
const SOON = { timeoutMs: 2000 }
/** What a lost wake may cost. Milliseconds. */
const LOOK_MS = 5000

/** A worker of a model: takes while it has room, beats for what it holds, and ends what the test says or after `runMs`. */
class TestWorker implements Taker {
  readonly seen: JobId[] = []
  readonly held = new Map<JobId, JobRecord>()
  readonly handOut: HandOut
  /** It has room, but not for the asking. */
  isDeaf = false
  /** Its process is no more. */
  isGone = false
  readonly #places: number
  readonly #runMs: number | undefined
  #isWanted = false

  constructor(queue: Queue, model: string, { places = 1, runMs }: { places?: number; runMs?: number } = {}) {
    this.#places = places
    this.#runMs = runMs
    this.handOut = queue.createHandOut({ model, version: '1.0.0', lines: [TEST_LINE] }, this)
    const beating = setInterval(() => this.#beat(), 300)
    onTestFinished(() => {
      clearInterval(beating)
      return this.handOut.close()
    })
  }

  get isAsked(): boolean {
    return this.#isWanted
  }

  hasRoom(): boolean {
    return this.#left > 0
  }

  room() {
    const places = this.isDeaf ? 0 : this.#left
    if (places === 0) return undefined
    return { places, alone: this.held.size === 0, fill: (records: JobRecord[]) => this.#fill(records) }
  }

  isWellFilled(): boolean {
    return false
  }

  becomeIdle(): void {
    this.#isWanted = true
  }

  async end(id: JobId): Promise<string> {
    const job = this.held.get(id)
    if (!job) throw new Error(`${id} is not held`)
    this.held.delete(id)
    this.handOut.poke()
    const success = { output: { value: { inline: '1' }, files: [] }, runSeconds: 0.1 }
    return (await this.handOut.attempts.succeed(job, success)).outcome
  }

  get #left(): number {
    if (this.#isWanted && this.held.size > 0) return 0
    return [...this.held.values()].some(({ lost }) => lost > 0) ? 0 : this.#places - this.held.size
  }

  #fill(records: JobRecord[]): void {
    this.#isWanted = false
    for (const record of records) {
      this.seen.push(record.id)
      this.held.set(record.id, record)
      if (this.#runMs === undefined) continue
      // Of unequal length, so that those of one worker do not end together.
      const runMs = this.#runMs * (0.4 + 0.15 * (this.seen.length % 5))
      setTimeout(() => void this.end(record.id).catch(() => undefined), runMs)
    }
  }

  #beat(): void {
    if (this.isGone) return
    for (const job of this.held.values()) this.handOut.attempts.beat(job).catch(() => undefined)
  }
}

let models = 0
const aModel = () => `m${++models}`
const submit = async (model: string) => {
  const job = newJob({ model })
  await queue.jobs.submit(job)
  return job
}
/** Connections that wait for a bell. */
const listeners = async () =>
  ((await raw.client('LIST')) as string).split('\n').filter((one) => / flags=b .* cmd=blpop/.test(one)).length
const scriptCalls = async () => Number(/cmdstat_fcall:calls=(\d+)/.exec(await raw.info('commandstats'))?.[1] ?? 0)

it('gives a job within five seconds although its bell was lost', async () => {
  const job = newJob({ model: aModel() })
  const thief = new Redis(redis.url)
  onTestFinished(() => thief.disconnect())
  const stolen = thief.blpop(`{mr:${tagOfJobId(job.id)}}:bell:${TEST_LINE}`, 0)
  await until('the thief waits', async () => (await listeners()) === 1)
  const worker = new TestWorker(queue, job.model)
  worker.handOut.start()
  await until('it listens behind the thief', async () => (await listeners()) === 2)
  const begun = performance.now()
  await queue.jobs.submit(job)
  await stolen
  await until('it is given', () => worker.seen.includes(job.id))
  expect(performance.now() - begun).toBeLessThan(LOOK_MS)
})

it('gives jobs once although the reply to their take was lost with its connection', async () => {
  const model = aModel()
  const jobs = await Promise.all([submit(model), submit(model), submit(model)])
  const proxy = await startRedisProxy(redis.port)
  const far = openTestQueue(proxy.url)
  onTestFinished(async () => {
    await far.close()
    await proxy.close()
  })
  // The script is known to the server by then: the reply that is lost is its answer, and not that it was never heard of.
  await takeJobs(queue, aModel())
  const worker = new TestWorker(far, model, { places: 3 })
  const lost = proxy.loseReplies(1)
  worker.handOut.start()
  await lost
  await until('all are given', () => worker.held.size === 3)
  expect(worker.seen.toSorted()).toEqual(jobs.map(({ id }) => id).toSorted())
  expect([...worker.held.values()].map(({ fence }) => fence)).toEqual([1, 1, 1])
})

it('wakes somebody else when who was woken has no room any more', async () => {
  const model = aModel()
  const [busy, idle] = [new TestWorker(queue, model), new TestWorker(queue, model)]
  busy.handOut.start()
  await until('the first listens', async () => (await listeners()) === 1)
  busy.isDeaf = true
  idle.handOut.start()
  await until('the second listens', async () => (await listeners()) === 2)
  const job = await submit(model)
  await until('the other is given it', () => idle.held.has(job.id), SOON)
})

it('does not listen without room, and listens again when there is some', async () => {
  const model = aModel()
  const worker = new TestWorker(queue, model)
  const first = await submit(model)
  worker.handOut.start()
  await until('it is given', () => worker.held.has(first.id))
  expect(await listeners()).toBe(0)
  await worker.end(first.id)
  await until('it listens', async () => (await listeners()) === 1, SOON)
  const second = await submit(model)
  await until('it is woken', () => worker.held.has(second.id), SOON)
})

it('shares the jobs between workers, each of them once', async () => {
  const model = aModel()
  const workers = [1, 2, 3].map(() => new TestWorker(queue, model, { places: 2, runMs: 5 }))
  for (const { handOut } of workers) handOut.start()
  const jobs = await Promise.all(Array.from({ length: 60 }, () => submit(model)))
  const seen = () => workers.flatMap((worker) => worker.seen)
  await until('all have ended', async () => seen().length >= 60 && workers.every(({ held }) => held.size === 0))
  expect(seen().toSorted()).toEqual(jobs.map(({ id }) => id).toSorted())
  expect(Math.min(...workers.map((worker) => worker.seen.length))).toBeGreaterThan(0)
})

it('tells many ends and takes what comes next in one call', async () => {
  const model = aModel()
  await Promise.all(Array.from({ length: 60 }, () => submit(model)))
  const worker = new TestWorker(queue, model, { places: 30 })
  worker.handOut.start()
  await until('it is full', () => worker.held.size === 30)
  await raw.config('RESETSTAT')
  const outcomes = await Promise.all([...worker.held.keys()].map((id) => worker.end(id)))
  await until('it is full again', () => worker.held.size === 30)
  expect(new Set(outcomes)).toEqual(new Set(['done']))
  expect(await scriptCalls()).toBeLessThanOrEqual(3)
  await raw.config('RESETSTAT')
  await Promise.all([...worker.held.values()].map((job) => worker.handOut.attempts.beat(job)))
  expect(await scriptCalls()).toBeLessThanOrEqual(3)
})

it('asks for nothing while there is nothing to do but look now and then', async () => {
  const model = aModel()
  const workers = [new TestWorker(queue, model), new TestWorker(queue, model)]
  for (const { handOut } of workers) handOut.start()
  await until('both listen', async () => (await listeners()) >= 2)
  await raw.config('RESETSTAT')
  const begun = performance.now()
  await until('one looks', async () => (await scriptCalls()) > 0)
  expect(performance.now() - begun).toBeGreaterThan(2000)
})

it('takes nothing while it is paused, but what was under way comes; and goes on', async () => {
  const model = aModel()
  const first = await submit(model)
  const worker = new TestWorker(queue, model, { places: 5 })
  worker.handOut.start()
  await new Promise((resolve) => setImmediate(resolve))
  await worker.handOut.pause()
  const before = [...worker.seen]
  expect([[], [first.id]]).toContainEqual(before)
  const second = await submit(model)
  worker.handOut.poke()
  await worker.handOut.pause()
  expect(worker.seen).toEqual(before)
  const { records } = await takeJobs(queue, model, { places: 5 })
  expect(records.map(({ id }) => id)).toContain(second.id)
  worker.handOut.start()
  const third = await submit(model)
  await until('it goes on', () => worker.held.has(third.id), SOON)
})

it('closes safely twice and before its start, and ends can still be told', async () => {
  const model = aModel()
  const job = await submit(model)
  const worker = new TestWorker(queue, model)
  worker.handOut.start()
  await until('it is given', () => worker.held.has(job.id))
  await Promise.all([worker.handOut.close(), worker.handOut.close()])
  worker.handOut.start()
  expect(await worker.end(job.id)).toBe('done')
  await new TestWorker(queue, model).handOut.close()
})

it('goes on after Redis was restarted, for who listened and for what is held', async () => {
  const model = aModel()
  const held = await submit(model)
  const worker = new TestWorker(queue, model, { places: 2 })
  worker.handOut.start()
  await until('it is given', () => worker.held.has(held.id))
  await until('it listens', async () => (await listeners()) >= 1)
  await redis.restart()
  const next = await submit(model)
  await until('it is given too', () => worker.held.has(next.id), { timeoutMs: LOOK_MS })
  expect([await worker.end(held.id), await worker.end(next.id)]).toEqual(['done', 'done'])
})

it('still gives and ends what was accepted while Redis is full', async () => {
  const model = aModel()
  const jobs = await Promise.all(Array.from({ length: 5 }, () => submit(model)))
  const used = Number(/used_memory:(\d+)/.exec(await raw.info('memory'))?.[1])
  onTestFinished(async () => void (await raw.config('SET', 'maxmemory', '0')))
  await raw.config('SET', 'maxmemory', String(Math.floor(used / 2)))
  expect(await queue.jobs.submit(newJob({ model }))).toMatchObject({ outcome: 'full' })
  const worker = new TestWorker(queue, model, { runMs: 1 })
  worker.handOut.start()
  const statuses = async () => Promise.all(jobs.map(({ id }) => queue.upkeep.get(id)))
  await until('all have succeeded', async () =>
    (await statuses()).every((one) => one.outcome === 'found' && one.record.status === 'succeeded'),
  )
})

it('gives a suspect within its patience and the runs that are under way then, however busy the pool', async () => {
  const model = aModel()
  const runMs = 200
  const suspect = await submit(model)
  await takeJob(queue, suspect)
  await Promise.all(Array.from({ length: 500 }, () => submit(model)))
  const workers = [1, 2].map(() => new TestWorker(queue, model, { places: 4, runMs }))
  for (const { handOut } of workers) handOut.start()
  const isSuspect = async () => (await raw.keys(`*:suspect:${TEST_LINE}`)).length > 0
  await until('its worker is taken for lost', isSuspect, { timeoutMs: 15_000, everyMs: 5 })
  expect(workers.some(({ held }) => held.has(suspect.id))).toBe(false)
  const begun = performance.now()
  const holder = await until('it is given', () => workers.find(({ held }) => held.has(suspect.id)), { everyMs: 2 })
  expect(performance.now() - begun).toBeLessThan(2000 + 2 * runMs + 500)
  expect([...holder.held.keys()]).toEqual([suspect.id])
  await until('the others go on', () => workers.some((one) => one !== holder && one.held.size > 0))
  await until('so does its own', () => holder.held.size > 1, SOON)
})

it('asks another worker to become idle when the one that was asked is gone, and not while that one is about it', async () => {
  const model = aModel()
  const workers = [new TestWorker(queue, model, { places: 2 }), new TestWorker(queue, model, { places: 2 })]
  for (const worker of workers) {
    await submit(model)
    worker.handOut.start()
    await until('it holds one', () => worker.held.size === 1)
    worker.isDeaf = true
  }
  for (const worker of workers) worker.isDeaf = false
  for (const worker of workers) worker.handOut.poke()
  const suspect = await submit(model)
  const holder = await until('it is given', () => workers.find(({ held }) => held.has(suspect.id)))
  const prefix = `{mr:${tagOfJobId(suspect.id)}}:`
  holder.held.delete(suspect.id)
  await raw.zadd(`${prefix}lease`, 1, suspect.id)
  await queue.upkeep.reconcile(model)
  // As if it had waited for an idle worker for longer than its patience.
  await raw.zadd(`${prefix}suspect:${TEST_LINE}`, Date.now() - 10_000, suspect.id)

  for (const worker of workers) worker.handOut.poke()
  const asked = await until('one is asked', () => workers.find(({ isAsked }) => isAsked))
  const other = workers.find((worker) => worker !== asked)!
  const begun = performance.now()
  // Longer than a lease.
  await until('it was asked for a while', () => {
    other.handOut.poke()
    expect(other.isAsked).toBe(false)
    return performance.now() - begun > 1500
  })
  asked.isGone = true
  await asked.handOut.close()
  await until('the other is asked', () => (other.handOut.poke(), other.isAsked), SOON)
})
