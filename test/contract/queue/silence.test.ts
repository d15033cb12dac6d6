/** Nobody is taken for lost because Redis was away, however long a lease is; and whoever is gone is taken for lost in the end. */
import type { JobId } from '@millrace/contracts'
import type { Hold, Queue } from '@millrace/queue'
import { expect, it, onTestFinished } from 'vitest'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { recordOf, statusOf } from '../../support/record-and-events.ts'
import { holdJob, takeJobs } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'
import { prefixOf } from './device-pool.ts'

const { redis, raw } = await openQueueStand()

const SECOND = 1000
/** What a lease may be set to, and more. Milliseconds. */
const LEASES = [1, 3, 8, 60, 600].map((seconds) => seconds * SECOND)
const success = { output: { value: { inline: '1' }, files: [] }, runSeconds: 0 }

let models = 0

class Held {
  readonly queue: Queue
  readonly model: string
  readonly id: JobId
  readonly hold: Hold
  readonly #prefix: string

  private constructor(queue: Queue, { model, id }: { model: string; id: JobId }, hold: Hold) {
    this.queue = queue
    this.model = model
    this.id = id
    this.hold = hold
    this.#prefix = prefixOf(id)
  }

  /** A job that a worker has, with a lease of that length. */
  static async by(leaseMs: number): Promise<Held> {
    const queue = openTestQueue(redis.url, { lockMs: leaseMs })
    onTestFinished(() => queue.close())
    const job = newJob({ model: `m${++models}` })
    await queue.jobs.submit(job)
    return new Held(queue, job, await holdJob(queue, job))
  }

  /** As if the lease had ended so long ago, and as if nobody had been heard for so long until now. */
  async age(endedMs: number, silentMs: number): Promise<void> {
    await raw.zadd(`${this.#prefix}lease`, Date.now() - endedMs, this.id)
    await this.beSilent(silentMs)
  }

  beSilent(ms: number): Promise<unknown> {
    return raw.set(`${this.#prefix}heard`, Date.now() - ms)
  }

  /** The end of its lease, in milliseconds from now. */
  async left(): Promise<number> {
    return Number(await raw.zscore(`${this.#prefix}lease`, this.id)) - Date.now()
  }

  /** That time passes, and nothing else. */
  async pass(ms: number): Promise<void> {
    await raw.zincrby(`${this.#prefix}lease`, -Math.floor(ms), this.id)
    const [since, ends] = ((await raw.get(`${this.#prefix}silence`)) ?? '0 0').split(' ').map(Number) as [
      number,
      number,
    ]
    if (ends < Date.now() + ms) await raw.del(`${this.#prefix}silence`)
    else await raw.set(`${this.#prefix}silence`, `${since - ms} ${ends - ms}`)
  }

  async look(): Promise<'recovered' | 'left'> {
    await this.queue.upkeep.reconcile(this.model)
    return (await statusOf(this.queue, this.id)) === 'running' ? 'left' : 'recovered'
  }
}

it('leaves a job to its worker although Redis was frozen until its lease had ended', async () => {
  const leaseMs = SECOND
  const held = await Held.by(leaseMs)
  await redis.kill('SIGSTOP')
  const thaw = () => redis.kill('SIGCONT')
  onTestFinished(thaw)
  const ends = Date.now() + leaseMs
  await until('its lease has ended', () => Date.now() > ends, { everyMs: 20 })
  // What others ask is heard first, and then its beat.
  const others = Array.from({ length: 3 }, () => takeJobs(held.queue, held.model))
  const beat = held.queue.attempts.beat(held.hold)
  await thaw()
  expect((await Promise.all(others)).flatMap(({ records }) => records)).toEqual([])
  expect(await beat).toBe('ok')
  expect(await held.queue.attempts.succeed(held.hold, success)).toMatchObject({ outcome: 'done' })
  expect(await recordOf(held.queue, held.id)).toMatchObject({ crashes: 0, fence: 1 })
})

it.each(LEASES)(
  'spares a lease of %i ms that ended in a silence, or soon after it, whoever looks first',
  async (leaseMs) => {
    const inside = await Held.by(leaseMs)
    await inside.age(0.05 * leaseMs, 0.85 * leaseMs)
    expect(await inside.look()).toBe('left')
    expect(await inside.queue.attempts.beat(inside.hold)).toBe('ok')
    expect(await inside.left()).toBeGreaterThan(0.5 * leaseMs)

    const after = await Held.by(leaseMs)
    await after.beSilent(0.6 * leaseMs)
    expect(await after.look()).toBe('left')
    await after.age(1, 1)
    expect(await after.look()).toBe('left')
    expect(await after.left()).toBeGreaterThan(0.2 * leaseMs)
  },
)

it.each(LEASES)(
  'takes the worker of a lease of %i ms for lost when it had time to come back, and did not',
  async (leaseMs) => {
    const held = await Held.by(leaseMs)
    await held.age(0.05 * leaseMs, 0.85 * leaseMs)
    expect(await held.look()).toBe('left')
    const left = await held.left()
    expect(left).toBeLessThanOrEqual(3 * SECOND + leaseMs / 4 + 1)
    await held.pass(left / 2)
    expect(await held.look()).toBe('left')
    await held.pass(left / 2 + 10)
    // Each look comes after a silence of its own, for few look.
    await held.beSilent(10 * leaseMs)
    expect(await held.look()).toBe('recovered')
  },
)

it.each(LEASES)('waits for nobody when others were heard in the second half of a lease of %i ms', async (leaseMs) => {
  const held = await Held.by(leaseMs)
  await held.age(1, 0.45 * leaseMs)
  expect(await held.look()).toBe('recovered')
})

it('spares a renewed lease again', async () => {
  const held = await Held.by(3 * SECOND)
  for (let n = 0; n < 3; n++) {
    await held.age(100, 2500)
    expect(await held.look()).toBe('left')
    expect(await held.queue.attempts.beat(held.hold)).toBe('ok')
  }
})

it('comes back to what was spared when its time is over', async () => {
  const held = await Held.by(3 * SECOND)
  await held.age(100, 2500)
  const { nextMs } = await takeJobs(held.queue, held.model)
  expect(nextMs).toBeGreaterThan(2000)
  expect(nextMs).toBeLessThanOrEqual(3 * SECOND)
})
