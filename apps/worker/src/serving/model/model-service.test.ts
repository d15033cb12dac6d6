import type { JobRecord } from '@millrace/contracts'
import type { RunOutcome } from '@millrace/host'
import { linesOf, type WorkerMeasures } from '@millrace/queue'
import { expect, onTestFinished, test, vi } from 'vitest'
import { until } from '../../../../../test/support/until.ts'
import { aRecord, done, openBench, untilAborted } from '../../attempt/attempt.fixture.ts'
import { DrainSwitch } from '../../places/drain-switch.ts'
import { ScriptedHandOut } from '../scripted-hand-out.fixture.ts'
import { ModelService } from './model-service.ts'

/** The service of one model with real attempts, gate and slots. Started. */
async function aService({ places = 2, publishMs, loadMs, ...options }: Options = {}) {
  const bench = await openBench({ concurrency: places, ...options })
  const calls: string[] = []
  let handOut: ScriptedHandOut | undefined
  let lines: readonly string[] = []
  const waits = { now: false }
  const measured: WorkerMeasures[] = []
  const wish = new DrainSwitch()
  const service = new ModelService({
    ...{ places, drain: wish },
    slots: bench.slots,
    attempts: bench.deps,
    registry: {
      publish: async (_manifest, _worker, _places, measures) => {
        if (measures) measured.push(measures)
        return waits.now
      },
      withdraw: async () => undefined,
    },
    ...{ publishMs, loadMs },
    createHandOut(made, taker) {
      lines = made.lines
      handOut = new ScriptedHandOut(taker, bench.store, (call) => void calls.push(call))
      return handOut
    },
    logger: bench.deps.logger,
    logFault: bench.deps.logFault,
    tendMs: 3_600_000,
  })
  onTestFinished(async () => {
    bench.halt.abort()
    await service.stop(0)
  })
  await service.start()
  await until('its runners were looked at', () => calls.includes('poke'))
  if (!handOut) throw new Error('no hand-out was made')
  return { ...bench, service, wish, handOut, calls, lines, waits, measured }
}
type Options = NonNullable<Parameters<typeof openBench>[0]> & { places?: number; publishMs?: number; loadMs?: number }

let last = 0
const another = (change: Partial<JobRecord> = {}): JobRecord =>
  aRecord({ id: `job_${String(++last).padStart(34, 'a')}`, ...change })

test('it takes from the line of its version and the line of each contract', async () => {
  const { lines, deps } = await aService()
  expect(lines).toEqual(linesOf(deps.manifest))
  expect(lines).toHaveLength(3)
})

test('there is room for as many jobs as it may hold, less those in hand', async () => {
  const { service, runner } = await aService({ places: 3, script: untilAborted })
  const room = service.room()
  expect(room).toMatchObject({ places: 3, alone: true })
  room?.fill([another(), another()])
  expect(service.room()).toMatchObject({ places: 1, alone: false })
  await until('both run', () => runner.running === 2)
  expect(service.hasRoom()).toBe(true)
})

test('while it is not known whether a suspect comes, there is no room for anything else, and then it asks again', async () => {
  const { service, calls } = await aService()
  const room = service.room()
  const before = calls.length
  expect([service.hasRoom(), service.room()]).toEqual([false, undefined])
  room?.fill([])
  expect(calls.slice(before)).toEqual(['poke'])
  expect(service.hasRoom()).toBe(true)
})

test('a suspect is alone in its process until its end', async () => {
  const { service, runner, store, deps, cancels } = await aService({ script: untilAborted })
  const suspect = another({ lost: 1 })
  service.room()?.fill([suspect])
  await until('it runs', () => runner.running === 1)
  const free = vi.fn<() => void>()
  expect([service.hasRoom(), service.room(), deps.gate.ask(free)]).toEqual([false, undefined, undefined])
  cancels.get(suspect.id)?.()
  await until('it is told', () => store.told.length === 1)
  expect([free.mock.calls.length, service.hasRoom()]).toEqual([1, true])
})

test('a suspect whose files are still to be fetched need not be alone', async () => {
  const { service } = await aService({ script: untilAborted })
  const link = { id: 'file_x', pointer: '/image', url: 'http://10.0.0.1/', accept: 'image/*' }
  service.room()?.fill([another({ lost: 1, input_files: [link] })])
  expect(service.hasRoom()).toBe(true)
})

test('it is well filled while each place has a job and the next one', async () => {
  for (const count of [0, 1, 2]) {
    const { service } = await aService({ places: 1, script: untilAborted })
    if (count > 0) service.room()?.fill(Array.from({ length: count }, () => another()))
    expect(service.isWellFilled()).toBe(count === 2)
  }
})

test('a process that is asked to become idle takes nothing until it is, and then asks alone', async () => {
  const { service, runner, cancels, calls, store } = await aService({ script: untilAborted })
  const job = another()
  service.room()?.fill([job])
  await until('it runs', () => runner.running === 1)
  service.becomeIdle()
  expect([service.hasRoom(), service.room()]).toEqual([false, undefined])
  const before = calls.length
  cancels.get(job.id)?.()
  await until('it is told', () => store.told.length === 1)
  expect(calls.slice(before)).toContain('poke')
  expect(service.room()).toMatchObject({ alone: true })
})

const ending = (outcome: RunOutcome) => async () => outcome
test.each<[string, Options, (bench: Awaited<ReturnType<typeof aService>>, job: JobRecord) => void]>([
  ['succeeds', { script: ending(done({})) }, () => undefined],
  ['fails', { script: ending({ kind: 'timeout', killed: true, runSeconds: 1 }) }, () => undefined],
  ['is lost', { script: untilAborted, pace: { beatMs: 5 } }, ({ store }) => void (store.beatAnswer = 'lost')],
  ['is canceled', { script: untilAborted }, ({ cancels }, { id }) => cancels.get(id)?.()],
  ['is broken off', { script: untilAborted }, ({ drain }) => drain.abort()],
  [
    'cannot be told',
    { script: untilAborted },
    ({ store, halt }) => {
      store.fault = () => {
        throw new TypeError('planted')
      }
      halt.abort()
    },
  ],
])('there is room again, and more is asked for, when an attempt %s', async (_how, options, end) => {
  const bench = await aService({ places: 1, ...options })
  const { service, handOut, calls, runner } = bench
  const job = another()
  const before = calls.length
  handOut.offer(job)
  expect(service.hasRoom()).toBe(false)
  await until('it has run', () => runner.mostRunning === 1)
  end(bench, job)
  await until('there is room', () => service.hasRoom())
  expect(calls.slice(before)).toContain('poke')
  await service.idle()
  expect(service.room()).toMatchObject({ alone: true })
})

test('there is room for another job before the end of one is told, but for no suspect, which would take that one along', async () => {
  const { service, handOut, store, runner } = await aService({ places: 1 })
  let tell: () => void = () => undefined
  store.succeed = () => new Promise((resolve) => (tell = () => resolve({ outcome: 'done', status: 'succeeded' })))
  handOut.offer(another())
  await until('it has run', () => runner.mostRunning === 1 && runner.running === 0)
  await until('there is room', () => service.hasRoom())
  const room = service.room()
  expect(room).toMatchObject({ places: 1, alone: false })
  room?.fill([])
  tell()
  await service.idle()
  expect(service.room()).toMatchObject({ alone: true })
})

test('a drain takes nothing more; what has not begun to run goes back without blame, what runs goes on', async () => {
  const { service, handOut, store, runner, slots, calls } = await aService({ places: 2, script: untilAborted })
  store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  await slots.acquire(new AbortController().signal)
  service.room()?.fill([another(), another()])
  await until('one runs', () => runner.running === 1)
  slots.drain()
  await service.drain()
  handOut.offer(another())
  expect([service.hasRoom(), service.room(), calls.includes('pause')]).toEqual([false, undefined, true])
  await until('the other is back', () => store.told.length === 1)
  expect([store.told, runner.running]).toEqual([[{ as: 'release' }], 1])
  expect([service.hasRoom(), service.room()]).toEqual([false, undefined])
})

test('what comes with an answer that was under way during a drain goes back', async () => {
  const { service, store, runner, slots } = await aService()
  store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  const room = service.room()
  slots.drain()
  await service.drain()
  room?.fill([another(), another()])
  await service.idle()
  expect([store.told, runner.mostRunning]).toEqual([[{ as: 'release' }, { as: 'release' }], 0])
})

test('an operator drains it: what waits for a slot goes back, what runs goes on, and it is drained with its end', async () => {
  const { service, wish, handOut, store, runner, slots, cancels, calls } = await aService({ script: untilAborted })
  const [first, second] = [another(), another()]
  store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  await slots.acquire(new AbortController().signal)
  service.room()?.fill([first, second])
  await until('one runs', () => runner.running === 1)
  wish.set(true)
  handOut.offer(another())
  expect([service.hasRoom(), service.room(), calls.at(-1)]).toEqual([false, undefined, 'pause'])
  await until('the other is back', () => store.told.length === 1)
  expect([store.told, runner.running, service.held, service.isDrained]).toEqual([
    [{ as: 'release' }],
    1,
    [first.id],
    false,
  ])
  cancels.get(first.id)?.()
  await until('it is drained', () => service.isDrained)
})

test('after that it takes again, from a hand-out that was not closed', async () => {
  const { service, wish, handOut, store } = await aService()
  wish.set(true)
  await until('it is drained', () => service.isDrained)
  handOut.offer(another())
  expect(store.told).toEqual([])
  wish.set(false)
  expect(service.isDrained).toBe(false)
  await until('the job is done', () => store.told.length === 1)
  // A wish that comes and goes while the hand-out still pauses.
  wish.set(true)
  wish.set(false)
  await service.idle()
  expect([service.isDrained, service.hasRoom()]).toEqual([false, true])
})

test('one that starts in a worker that drains takes nothing', async () => {
  const { service, wish, calls, deps, slots, store } = await aService()
  wish.set(true)
  const late = new ModelService({
    ...{ places: 1, drain: wish, slots, attempts: deps, logger: deps.logger, logFault: deps.logFault },
    registry: {
      publish: async () => {
        calls.push('publish')
        return false
      },
      withdraw: async () => undefined,
    },
    createHandOut: (_made, taker) => new ScriptedHandOut(taker, store, (call) => void calls.push(`late ${call}`)),
  })
  onTestFinished(() => late.stop(0))
  await late.start()
  await until('it is drained', () => late.isDrained)
  expect(calls.filter((call) => call === 'late start' || call === 'publish')).toEqual([])
  expect(service.hasRoom()).toBe(false)
})

test('without a ready runner there is no room', async () => {
  const { service, runner } = await aService()
  runner.whenReady = () => new Promise(() => undefined)
  runner.ready = false
  expect([service.hasRoom(), service.room()]).toEqual([false, undefined])
})

test('it notices that it is idle although something waits for it, until it is given a job, drains, or nothing waits any more', async () => {
  const { service, handOut, waits, wish, slots } = await aService({ script: untilAborted, publishMs: 2 })
  await until('it was published', () => service.wasShown)
  expect(service.idleMs).toBe(0)
  waits.now = true
  await until('it is noticed', () => service.idleMs > 20)
  waits.now = false
  await until('nothing waits', () => service.idleMs === 0)
  waits.now = true
  await until('it is noticed again', () => service.idleMs > 0)
  wish.set(true)
  expect(service.idleMs).toBe(0)
  wish.set(false)
  expect(service.idleMs).toBe(0)
  await until('it is noticed once more', () => service.idleMs > 0)
  handOut.offer(another())
  expect(service.idleMs).toBe(0)
  await until('it runs', () => slots.states.some(({ state }) => state === 'busy'))
  expect(service.idleMs).toBe(0)
})

test('it tells which part of its places was taken, and how long the model loaded', async () => {
  const { service, handOut, measured, cancels } = await aService({
    places: 2,
    script: untilAborted,
    publishMs: 2,
    loadMs: 1234,
  })
  await until('it was published', () => service.wasShown)
  expect(measured.at(-1)).toEqual({ busy: 0, loadMs: 1234 })
  const job = another()
  handOut.offer(job)
  await until('half of them are taken', () => (measured.at(-1)?.busy ?? 0) > 0.4)
  expect(measured.at(-1)?.busy).toBeLessThan(0.6)
  cancels.get(job.id)?.()
  await until('none is taken any more', () => measured.at(-1)?.busy === 0)
})
