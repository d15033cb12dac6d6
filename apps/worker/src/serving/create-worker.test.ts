import { readdir } from 'node:fs/promises'
import { bareDevice } from '@millrace/host'
import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { aRecord, done, ScriptedRunner, untilAborted } from '../attempt/attempt.fixture.ts'
import { anIdleWorker, aWorker } from './create-worker.fixture.ts'

test('jobs are taken once a runner is ready, and the model is published', async () => {
  const { worker, calls, offer, store } = await aWorker([
    { label: 'echo', runner: new ScriptedRunner(async () => done({})) },
  ])
  await worker.whenReady()
  await until('it is published', () => calls.includes('publish'))
  expect(calls[0]).toBe('start')
  expect(worker.models()).toEqual([
    { label: 'echo', name: 'echo', version: '1', readyRunners: 1, quarantined: 0, idleMs: 0 },
  ])
  offer()
  await until('it is told', () => store.told.length === 1)
  expect(store.told).toMatchObject([{ as: 'succeed' }])
})

test('a model that wants fewer of the slots gets a runner on those alone', async () => {
  const runner = () => new ScriptedRunner(async () => done({}))
  const { worker } = await aWorker([{ label: 'one', runner: runner(), devices: (slots) => slots.slice(1, 2) }], {
    devices: ['cpu', 'cpu', 'cpu'],
  })
  await worker.whenReady()
  await until('its runner is there', () => worker.models()[0]?.readyRunners === 1)
  const all = await aWorker([{ label: 'all', runner: runner() }], { devices: ['cpu', 'cpu', 'cpu'] })
  await until('all three are there', () => all.worker.models()[0]?.readyRunners === 3)
  expect(worker.models()[0]?.readyRunners).toBe(1)
})

test('two folders with one model name: the second is not served and says why, the first is', async () => {
  const runner = () => new ScriptedRunner(async () => done({}))
  const { worker, errors } = await aWorker([
    { label: 'one', runner: runner() },
    { label: 'two', runner: runner() },
  ])
  await worker.whenReady()
  expect(errors).toMatchObject([{ error: expect.stringContaining('"one" and "two" are both named "echo"') }])
  expect(worker.models().map((model) => model.name)).toEqual(['echo', null])
})

test('a worker without a ready runner takes nothing and is not shown, and goes on when one is back', async () => {
  const runner = new ScriptedRunner(async () => done({}))
  let comeBack: () => void = () => undefined
  const { worker, calls, offer, store } = await aWorker([{ label: 'echo', runner }])
  await worker.whenReady()
  await until('it is published', () => calls.includes('publish'))
  runner.whenReady = () => new Promise((resolve) => (comeBack = () => ((runner.ready = true), resolve(undefined))))
  runner.ready = false
  await until('it withdraws', () => calls.includes('withdraw'))
  offer()
  expect([store.told, runner.mostRunning]).toEqual([[], 0])
  comeBack()
  await until('it takes jobs again', () => store.told.length === 1)
  expect(store.told).toMatchObject([{ as: 'succeed' }])
})

test('a job that waits for a runner goes back when none comes for a while', async () => {
  let crash: () => void = () => undefined
  const runner = new ScriptedRunner(
    () => new Promise((resolve) => (crash = () => resolve({ kind: 'displaced', runSeconds: 1 }))),
  )
  const { worker, offer, store } = await aWorker([{ label: 'echo', runner }], { strandedMs: 20 })
  await worker.whenReady()
  store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  offer()
  await until('it runs', () => runner.running === 1)
  runner.ready = false
  runner.whenReady = () => new Promise(() => undefined)
  crash()
  await until('it is back', () => store.told.length === 1)
  expect(store.told).toEqual([{ as: 'release' }])
})

test('a stop lets a run end within the grace', async () => {
  let finish: () => void = () => undefined
  const runner = new ScriptedRunner(() => new Promise((resolve) => (finish = () => resolve(done({})))))
  const { worker, store, calls, offer, infos } = await aWorker([{ label: 'echo', runner }])
  await worker.whenReady()
  offer()
  await until('it runs', () => runner.running === 1)
  expect(infos).not.toContainEqual(expect.objectContaining({ inHand: expect.anything() }))
  const stopped = worker.stop(60_000)
  await until('nothing new is taken', () => calls.includes('pause'))
  expect(infos).toContainEqual({ inHand: [{ model: 'echo', runs: 1 }], seconds: 60 })
  offer(aRecord({ fence: 2 }))
  finish()
  await stopped
  expect(store.told).toMatchObject([{ as: 'succeed' }])
})

test('a stop breaks off a run when the grace is nearly over, and gives it back', async () => {
  const runner = new ScriptedRunner(untilAborted)
  const { worker, store, offer } = await aWorker([{ label: 'echo', runner }])
  await worker.whenReady()
  store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  offer()
  await until('it runs', () => runner.running === 1)
  await worker.stop(400)
  expect(store.told).toEqual([{ as: 'release' }])
})

test('a stop during the start begins no model and leaves no folder behind', async () => {
  const { worker, calls, workDir } = await anIdleWorker([
    { label: 'echo', runner: new ScriptedRunner(async () => done({})) },
  ])
  const started = worker.start()
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([worker.stop(10_000), started])
  expect([calls, worker.models()]).toEqual([[], []])
  expect(await readdir(workDir)).toEqual([])
})

test('a worker is started once and stopped before its start never begins', async () => {
  const model = { label: 'echo', runner: new ScriptedRunner(async () => done({})) }
  const { worker, calls } = await anIdleWorker([model])
  await Promise.all([worker.start(), worker.start()])
  await worker.whenReady()
  await until('it is published', () => calls.includes('publish'))
  expect(calls.filter((call) => call === 'start')).toHaveLength(1)
  const stopped = await anIdleWorker([model])
  await stopped.worker.stop(100)
  await stopped.worker.start()
  expect(stopped.worker.models()).toEqual([])
})

test('a second stop gives back at once', async () => {
  const runner = new ScriptedRunner(() => new Promise(() => undefined))
  const { worker, store, offer } = await aWorker([{ label: 'echo', runner }])
  await worker.whenReady()
  store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  offer()
  await until('it runs', () => runner.running === 1)
  const begun = performance.now()
  void worker.stop(600_000)
  await worker.stop()
  expect(store.told).toEqual([{ as: 'release' }])
  expect(performance.now() - begun).toBeLessThan(10_000)
})

test('a refresh gives back what a changed model holds, starts it anew, and leaves the others alone', async () => {
  const models = [
    { label: 'one', runner: new ScriptedRunner(untilAborted) },
    {
      label: 'two',
      runner: Object.assign(new ScriptedRunner(untilAborted), { start: () => new Promise<never>(() => {}) }),
    },
  ]
  const { worker, store, calls, offer } = await aWorker(models)
  await until('it is published', () => calls.includes('publish'))
  store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  offer()
  await until('it runs', () => models[0]?.runner.running === 1)
  const starts = calls.filter((call) => call === 'start').length
  await worker.refresh((model) => model.label === 'one', { graceMs: 200 })
  expect(store.told).toEqual([{ as: 'release' }])
  expect(calls).toContain('close')
  await until('it takes jobs again', () => calls.filter((call) => call === 'start').length === starts + 1)
  expect(worker.models().map(({ label, name }) => [label, name])).toEqual([
    ['two', null],
    ['one', 'echo'],
  ])
})

test('a refresh lets a model go whose file is gone, and serves the one that wanted its name', async () => {
  const runner = () => new ScriptedRunner(async () => done({}))
  const models = [
    { label: 'one', runner: runner() },
    { label: 'two', runner: runner() },
  ]
  const { worker, errors, calls } = await aWorker(models)
  await worker.whenReady()
  expect(errors).toHaveLength(1)
  models.shift()
  await worker.refresh(() => false, { graceMs: 100 })
  await worker.whenReady()
  expect(calls).toContain('close')
  expect(worker.models()).toMatchObject([{ label: 'two', name: 'echo' }])
})

test('it tells of itself: what it serves, where, and what is in hand', async () => {
  const runner = new ScriptedRunner(untilAborted)
  const broken = new ScriptedRunner(async () => done({}))
  broken.start = () => new Promise(() => undefined)
  Object.assign(broken, { loadFault: 'no such weights' })
  const { worker, entries, offer } = await aWorker([
    { label: 'echo', runner },
    { label: 'broken', runner: broken },
  ])
  await until('it is ready', () => entries.at(-1)?.models[0]?.state === 'ready')
  expect(entries.at(-1)).toEqual({
    ...{ host: 'here', pid: 1, millrace_version: '0', state: 'up', held: 0 },
    devices: [bareDevice('cpu')],
    models: [
      {
        ...{ label: 'echo', name: 'echo', version: '1', state: 'ready', reason: null, places: 1, held: 0, ahead: [] },
        refused: false,
        slots: [{ device: 'cpu', state: 'idle', jobs: [] }],
      },
      {
        ...{ label: 'broken', name: 'broken', version: null, state: 'failed', reason: 'no such weights', places: 0 },
        ...{ refused: false, held: 0, ahead: [], slots: [{ device: 'cpu', state: 'loading', jobs: [] }] },
      },
    ],
  })
  offer()
  await until('the job is told', () => entries.at(-1)?.held === 1)
  await until('it runs', () => entries.at(-1)?.models[0]?.slots[0]?.state === 'busy')
  expect(entries.at(-1)?.models[0]).toMatchObject({ held: 1, ahead: [], slots: [{ jobs: [aRecord().id] }] })
  void worker.stop(100)
  await until('it says that it goes', () => entries.at(-1)?.state === 'stopping')
})

test('an operator drains it and lets it go on; it says when nothing is in hand, and leaves with its end', async () => {
  let finish: () => void = () => undefined
  const runner = new ScriptedRunner(() => new Promise((resolve) => (finish = () => resolve(done({})))))
  const { worker, entries, wish, offer, calls, store } = await aWorker([{ label: 'echo', runner }])
  await worker.whenReady()
  offer()
  await until('it runs', () => runner.running === 1)
  wish(true)
  await until('it is told', () => entries.at(-1)?.state === 'draining')
  await until('it shows no more', () => calls.includes('withdraw'))
  offer()
  finish()
  await until('it is drained', () => entries.at(-1)?.state === 'drained')
  expect([store.told.length, entries.at(-1)?.held, entries.at(-1)?.models[0]?.state]).toEqual([1, 0, 'draining'])
  wish(false)
  await until('it is up again', () => entries.at(-1)?.state === 'up')
  await until('the next one runs', () => runner.running === 1)
  finish()
  await worker.stop(100)
  expect(calls).toContain('leave')
})
