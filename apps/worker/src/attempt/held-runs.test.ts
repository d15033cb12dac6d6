/** A job that a busy runner holds: it waits, and is no run until its model begins. */
import type { JobId } from '@millrace/contracts'
import type { RunOutcome } from '@millrace/host'
import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { createInFlight } from '../places/in-flight.ts'
import { aRecord, done, openBench } from './attempt.fixture.ts'

const OTHER: JobId = `job_${'b'.repeat(34)}`

/** One job runs, and its runner holds another. */
async function openPair({ patienceMs = 60_000 } = {}) {
  const ends: ((outcome: RunOutcome) => void)[] = []
  const bench = await openBench({ script: () => new Promise((resolve) => ends.push(resolve)) })
  bench.deps.inFlight = { ...createInFlight(1), mayHold: true, patienceMs }
  const front = bench.attempt()
  await until('it runs', () => bench.runner.running === 1)
  bench.runner.canHold = true
  bench.store.given.push(aRecord({ id: OTHER }))
  const other = bench.attempt()
  const held = await until('it is held', () => bench.runner.held)
  return { ...bench, front, other, held, ends }
}

test('it begins where it waits, and the time until then is no time of its run', async () => {
  const { store, runner, held, front, other, ends, slots } = await openPair()
  expect(slots.states).toMatchObject([{ jobs: [aRecord().id] }])
  held.begin()
  expect(slots.states).toMatchObject([{ jobs: [aRecord().id, OTHER] }])
  ends[0]?.(done({ word: 'first' }))
  await front
  ends[1]?.(done({ word: 'second' }))
  expect([await other, runner.isHolding]).toEqual(['over', false])
  expect(store.told).toMatchObject([{ as: 'succeed' }, { as: 'succeed' }])
  expect(store.phases[1]).toMatchObject({ device: 'cpu' })
})

test('a cancel takes it back without a run', async () => {
  const { store, runner, cancels, front, other, ends } = await openPair()
  cancels.get(OTHER)?.()
  await other
  expect([store.told, store.phases]).toEqual([[{ as: 'stop' }], [{}]])
  ends[0]?.(done({}))
  await front
  expect(runner.mostRunning).toBe(1)
})

test('a worker that takes nothing more gives it back at once, and lets the run before it end', async () => {
  const { store, slots, front, other, ends } = await openPair()
  store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  slots.drain()
  expect(await other).toBe('back')
  expect([store.told, store.phases]).toEqual([[{ as: 'release' }], [{}]])
  ends[0]?.(done({}))
  await front
  expect(store.told).toMatchObject([{ as: 'release' }, { as: 'succeed' }])
})

test('when its runner does not come to it, it waits on in line and runs in another', async () => {
  const { store, runner, held, front, other, ends } = await openPair()
  held.giveBack()
  ends[0]?.({ kind: 'crashed', exitCode: 1, signal: null, shared: false, runSeconds: 1 })
  await front
  await until('it runs', () => runner.running === 1)
  expect(runner.isHolding).toBe(false)
  ends[1]?.(done({}))
  await other
  expect(store.told).toMatchObject([{ as: 'fail', blame: 'crash' }, { as: 'succeed' }])
})

test('it waits no longer than in line, then it goes back, for another worker may have a place', async () => {
  const { store, runner, front, other, ends } = await openPair({ patienceMs: 20 })
  store.settleAnswer = { outcome: 'queued', delayMs: 0 }
  expect(await other).toBe('back')
  expect([runner.isHolding, runner.mostRunning, store.phases]).toEqual([false, 1, [{}]])
  ends[0]?.(done({}))
  await front
})
