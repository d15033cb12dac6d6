import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { AttemptClock } from './attempt-clock.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTime(ms)

test('what counts for the next job is measured, without the time that others took to serve an address', () => {
  const clock = new AttemptClock(performance.now())
  pass(1000)
  clock.linksTook(900)
  pass(50)
  clock.inputsCame()
  pass(10_000)
  clock.runBegan('cuda:1', 40)
  pass(300)
  clock.runEnded()
  pass(20)
  expect(clock.runMs).toBe(300)
  expect([clock.waitedMs, clock.fetchedMs]).toEqual([11_050, 1050])
  expect(clock.measured()).toEqual({ fetchMs: 150, runMs: 300, storeMs: 20, starvedMs: 40 })
})

test('a run that was answered with others used no more of the device than its part', () => {
  const clock = new AttemptClock(performance.now())
  clock.runBegan('cpu')
  pass(80)
  clock.runEnded(0.005)
  expect([clock.runMs, clock.deviceMs]).toEqual([80, 5])
  clock.runEnded(0.1)
  expect(clock.deviceMs).toBe(80)
})

test('an attempt whose run did not end has nothing that counts', () => {
  const clock = new AttemptClock(performance.now())
  clock.inputsWereHere()
  expect([clock.hasBegunToRun, clock.fetchedMs, clock.runMs, clock.device]).toEqual([false, ...Array(3)])
  clock.runBegan('cpu')
  expect([clock.hasBegunToRun, clock.runMs, clock.measured()]).toEqual([true, undefined, undefined])
})
