/** The hand-out on a real Redis, with something happening between its steps. What it promises beside: test/contract/queue/hand-out.test.ts. */
import type { JobRecord } from '@millrace/contracts'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { Redis } from 'ioredis'
import { newJob, silent, TEST_LINE } from '../../../../test/support/open-test-queue.ts'
import { openQueueStand } from '../../../../test/support/open-queue-stand.ts'
import { until } from '../../../../test/support/until.ts'
import { prefixOfModel } from '../redis/keys.ts'
import { QueueUnavailableError } from '../redis/redis-connection.ts'
import { defineScripts, type RunScript } from '../scripts/define-scripts.ts'
import { Bell } from './bell.ts'
import { RedisHandOut } from './redis-hand-out.ts'

const { redis, raw, queue } = await openQueueStand()
const run = defineScripts(raw)
const sleeper = new Redis(redis.url)
afterAll(() => sleeper.disconnect())

type Step = 'before take' | 'after take' | 'before bell' | 'after bell'
type Between = (step: Step, heard?: boolean) => Promise<void> | void

let models = 0
/** A worker of a model of its own that keeps what it is given. `between` is waited for at each step. */
function aWorker(between: Between = () => undefined, places = 2) {
  const model = `m${++models}`
  const prefix = prefixOfModel(model)
  const given: JobRecord[] = []
  const state = { isFull: false, alone: true, isWellFilled: false }
  const watched: RunScript = async (name, args) => {
    if (name === 'handout/take') await between('before take')
    const reply = await run(name, args)
    if (name === 'handout/take') await between('after take')
    return reply
  }
  const bell = new Bell(new Redis(redis.url), prefix, [TEST_LINE])
  const real = bell.rang.bind(bell)
  bell.rang = async () => {
    await between('before bell')
    const heard = await real()
    await between('after bell', heard)
    return heard
  }
  const left = () => (state.isFull ? 0 : places - given.length)
  const handOut = new RedisHandOut(
    { model, version: '1', lines: [TEST_LINE], run: watched, bell, worker: 'w', leaseMs: 10_000, logger: silent },
    {
      hasRoom: () => left() > 0,
      room: () =>
        left() > 0 ? { places: left(), alone: state.alone, fill: (records) => void given.push(...records) } : undefined,
      isWellFilled: () => state.isWellFilled,
      becomeIdle: () => undefined,
    },
  )
  onTestFinished(() => handOut.close())
  return { model, prefix, given, state, handOut, submit: () => queue.jobs.submit(newJob({ model })) }
}

/** Well below the time after which it looks without having been woken. Milliseconds. */
const SOON = { timeoutMs: 1500 }

test.each<[string, Step, number]>([
  ['before its first take', 'before take', 1],
  ['between the answer to a take and the listening', 'after take', 1],
  ['before it begins to listen', 'before bell', 1],
  ['when it was woken and before it knows', 'after bell', 1],
  ['when it was woken and before it takes', 'before take', 2],
  ['between the take it was woken for and its answer', 'after take', 2],
  ['before it listens again', 'before bell', 2],
])('a job that is submitted %s is given at once', async (_when, at, count) => {
  const seen: Step[] = []
  let submitted = 0
  const worker = aWorker(async (step, heard) => {
    if (step === 'after bell' && !heard) return
    seen.push(step)
    if (step !== at || seen.filter((one) => one === at).length !== count) return
    submitted++
    await worker.submit()
  }, 10)
  worker.handOut.start()
  await until('it listens', () => seen.includes('before bell'))
  if (at === 'after bell' || count === 2) await worker.submit()
  const all = at === 'after bell' || count === 2 ? 2 : 1
  await until('it was submitted', () => submitted === 1, SOON)
  await until('all are given', () => worker.given.length === all, SOON)
})

test('calls begin some milliseconds apart while nothing stands idle for it', async () => {
  const begun: number[] = []
  const worker = aWorker((step) => {
    if (step === 'before take') begun.push(performance.now())
  }, 3)
  for (let i = 0; i < 3; i++) await worker.submit()
  worker.handOut.start()
  await until('all are given', () => worker.given.length === 3)
  worker.state.isWellFilled = true
  begun.length = 0
  for (const { id, fence } of worker.given) {
    const output = { value: { inline: '1' }, files: [] }
    await worker.handOut.attempts.succeed({ id, fence }, { output, runSeconds: 0 })
  }
  const apart = begun.slice(1).map((at, i) => at - (begun[i] ?? 0))
  expect(apart).toHaveLength(2)
  // A timer may be a millisecond early.
  expect(Math.min(...apart)).toBeGreaterThan(6)
})

test.each(['before take', 'after take'] as const)(
  'jobs whose take failed %s, though perhaps it was carried out, come once',
  async (where) => {
    let faults = 1
    const worker = aWorker((step) => {
      if (step === where && faults-- > 0) throw new QueueUnavailableError('planted')
    })
    await worker.submit()
    await worker.submit()
    worker.handOut.start()
    await until('both are given', () => worker.given.length === 2)
    expect(worker.given.map(({ fence }) => fence)).toEqual([1, 1])
    expect(await raw.zcard(`${worker.prefix}lease`)).toBe(2)
    expect(faults).toBeLessThan(0)
  },
)

test('a suspect whose take was answered in vain goes back without blame, if its process is not alone by then', async () => {
  let faults = 1
  const worker = aWorker((step) => {
    if (step === 'after take' && faults-- > 0) {
      worker.state.alone = false
      throw new QueueUnavailableError('planted')
    }
  }, 1)
  const job = newJob({ model: worker.model })
  await queue.jobs.submit(job)
  await raw.hset(`${worker.prefix}job:${job.id}`, 'lost', '1', 'crashes', '1')
  await raw.zrem(`${worker.prefix}wait:${TEST_LINE}:default`, job.id)
  await raw.zrem(`${worker.prefix}turn:${TEST_LINE}`, 'default')
  await raw.zadd(`${worker.prefix}suspect:${TEST_LINE}`, Date.now(), job.id)
  worker.handOut.start()
  const moves = () => raw.hget(`${worker.prefix}job:${job.id}`, 'moves')
  await until('it is back', async () => (await moves())?.includes('released'))
  expect(await raw.hmget(`${worker.prefix}job:${job.id}`, 'status', 'crashes', 'lost')).toEqual(['queued', '1', '1'])
  expect([worker.given, await raw.zcard(`${worker.prefix}suspect:${TEST_LINE}`)]).toEqual([[], 1])
})

test('who is woken and finds no room when it comes to asking passes the bell on, and listens no more', async () => {
  let listened = 0
  const worker = aWorker((step, heard) => {
    if (step === 'before bell') listened++
    if (step === 'after bell' && heard) worker.state.isFull = true
  })
  worker.handOut.start()
  await until('it listens', () => listened === 1)
  await worker.submit()
  const heard = await sleeper.blpop(`${worker.prefix}bell:${TEST_LINE}`, 2)
  expect([heard?.[1], worker.given, listened]).toEqual(['1', [], 1])
})

test('an end that is told at once when there is no room needs no take', async () => {
  const worker = aWorker(undefined, 1)
  await worker.submit()
  worker.handOut.start()
  const job = await until('it is given', () => worker.given[0])
  const success = { output: { value: { inline: '1' }, files: [] }, runSeconds: 0 }
  expect(await worker.handOut.attempts.succeed(job, success)).toEqual({ outcome: 'done', status: 'succeeded' })
  expect(await worker.handOut.attempts.succeed(job, success)).toEqual({ outcome: 'done', status: 'succeeded' })
})
