import { expect, onTestFinished, test, vi } from 'vitest'
import { until } from '../../../../../test/support/until.ts'
import { Tending } from './tending.ts'

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

test('runners that are down are told once, and who waits for them is sent away after a while', async () => {
  const said: object[] = []
  const runners = { ready: 1, sentAway: 0, pokes: 0 }
  const shows: boolean[] = []
  const tending = new Tending({
    model: 'echo',
    slots: { readyCount: () => runners.ready, turnAway: () => runners.sentAway++ },
    handOut: { poke: () => void runners.pokes++ },
    presence: { show: () => void shows.push(true), hide: () => void shows.push(false) },
    drain: { isOn: false },
    logger: { ...logger, warn: (fields) => void said.push(fields) },
    logFault: () => undefined,
    tendMs: 5,
    strandedMs: 50,
  })
  onTestFinished(() => tending.stop(0))
  await tending.start()
  await until('it shows', () => shows.at(-1) === true)
  expect(runners.sentAway).toBe(0)
  runners.ready = 0
  const begun = performance.now()
  await until('they are sent away again and again', () => runners.sentAway >= 2)
  expect(performance.now() - begun).toBeGreaterThanOrEqual(50)
  expect([said, shows.at(-1)]).toEqual([[{ model: 'echo' }], false])
  expect(runners.pokes).toBe(1)
  runners.ready = 1
  await until('it shows again', () => shows.at(-1) === true)
  expect(runners.pokes).toBe(2)
  runners.ready = 0
  await until('it is told again', () => said.length === 2)
})

test('it looks at once when it is woken, and no more once it is stopped', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let looks = 0
  const tending = new Tending({
    model: 'echo',
    slots: { readyCount: () => 1, turnAway: () => undefined },
    handOut: { poke: () => undefined },
    presence: { show: () => void looks++, hide: () => undefined },
    drain: { isOn: false },
    logger,
    logFault: () => undefined,
    tendMs: 3_600_000,
  })
  await tending.start()
  await vi.advanceTimersByTimeAsync(0)
  expect(looks).toBe(1)
  tending.wake()
  await vi.advanceTimersByTimeAsync(0)
  expect(looks).toBe(2)
  await tending.stop(0)
  tending.wake()
  await vi.advanceTimersByTimeAsync(7_200_000)
  expect(looks).toBe(2)
})
