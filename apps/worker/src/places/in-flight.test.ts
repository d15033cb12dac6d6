import { expect, test } from 'vitest'
import { createInFlight } from './in-flight.ts'

const settle = (slots: number, times: { fetchMs: number; runMs: number; storeMs: number }) => {
  const inFlight = createInFlight(slots)
  for (let i = 0; i < 50; i++) inFlight.record(times)
  return inFlight.target
}

test('nothing is held in advance before anything was measured', () => {
  expect(createInFlight(2).target).toBe(2)
})

test('as many jobs are held as fit around one run', () => {
  expect(settle(1, { fetchMs: 20, runMs: 50, storeMs: 20 })).toBe(2)
  expect(settle(2, { fetchMs: 20, runMs: 50, storeMs: 20 })).toBe(4)
  expect(settle(1, { fetchMs: 100, runMs: 50, storeMs: 100 })).toBe(6)
})

test('a model that is faster than its store is held back at eight per slot', () => {
  expect(settle(2, { fetchMs: 500, runMs: 1, storeMs: 500 })).toBe(16)
  expect(settle(1, { fetchMs: 5, runMs: 0, storeMs: 5 })).toBe(8)
})

/** A device that waits for every tenth input while no more are held than `enough`. */
function jittery(inFlight: ReturnType<typeof createInFlight>, enough: number, runs: number): number {
  for (let i = 0; i < runs; i++) {
    const starvedMs = i % 10 === 0 && inFlight.target < enough ? 30 : 0
    inFlight.record({ fetchMs: 100, runMs: 50, storeMs: 100, starvedMs })
  }
  return inFlight.target
}

test('a device that waits although all are held that usual times ask for has more held, found within twenty jobs', () => {
  const inFlight = createInFlight(1)
  expect(jittery(inFlight, 8, 20)).toBe(9)
  expect(jittery(inFlight, 8, 100)).toBe(9)
})

test('and less again after a long time in which it did not wait, but no less than is usual', () => {
  const inFlight = createInFlight(1)
  jittery(inFlight, 8, 20)
  expect(jittery(inFlight, 0, 200)).toBe(8)
  expect(jittery(inFlight, 0, 2000)).toBe(6)
})

test('however long it waits, no more than sixteen are held for a place, and beyond eight no more than sixty-four in advance', () => {
  const starve = (places: number) => {
    const inFlight = createInFlight(places)
    for (let i = 0; i < 3000; i++) inFlight.record({ fetchMs: 500, runMs: 10, storeMs: 500, starvedMs: 10 })
    return inFlight.target
  }
  expect([starve(1), starve(2), starve(7), starve(40)]).toEqual([16, 32, 71, 320])
})

test('after a change of load the number is found again within twenty jobs', () => {
  const inFlight = createInFlight(1)
  for (let i = 0; i < 300; i++) inFlight.record({ fetchMs: 50, runMs: 10, storeMs: 50, starvedMs: 10 })
  expect(inFlight.target).toBe(16)
  for (let i = 0; i < 20; i++) inFlight.record({ fetchMs: 50, runMs: 100, storeMs: 50 })
  expect(inFlight.target).toBeLessThanOrEqual(3)
})

test('large inputs are held for as many jobs as 8 GiB have room for, and for one beside those that run', () => {
  const held = (inputBytes: number) => {
    const inFlight = createInFlight(1)
    for (let i = 0; i < 50; i++) inFlight.record({ fetchMs: 500, runMs: 100, storeMs: 500, inputBytes })
    return inFlight.target
  }
  expect([held(2 ** 30), held(3 * 2 ** 30), held(2 ** 40)]).toEqual([8, 3, 2])
})

test('a start-up gap of runs that are short on work is none of its business', () => {
  let held = 1
  const inFlight = createInFlight(1, undefined, { held: () => held })
  inFlight.record({ fetchMs: 20, runMs: 50, storeMs: 20 })
  expect(inFlight.isFull).toBe(false)
  held = 2
  expect(inFlight.isFull).toBe(true)
})

test('many places share what is held in advance', () => {
  expect(settle(100, { fetchMs: 20, runMs: 1000, storeMs: 20 })).toBe(124)
})

test('of runs that are answered together all of the next ones are held while they are', () => {
  const inFlight = createInFlight(16, undefined, { batches: true })
  for (let i = 0; i < 50; i++) inFlight.record({ fetchMs: 2, runMs: 72, storeMs: 3 })
  expect(inFlight.target).toBe(34)
})

test('a model that runs for minutes takes no second job from an idle worker', () => {
  expect(settle(1, { fetchMs: 500, runMs: 600_000, storeMs: 500 })).toBe(1)
})

test('the target follows when the store slows down, without jumping at one slow answer', () => {
  const inFlight = createInFlight(1)
  for (let i = 0; i < 50; i++) inFlight.record({ fetchMs: 10, runMs: 100, storeMs: 10 })
  expect(inFlight.record({ fetchMs: 300, runMs: 100, storeMs: 10 })).toBe(2)
  for (let i = 0; i < 50; i++) inFlight.record({ fetchMs: 300, runMs: 100, storeMs: 10 })
  expect(inFlight.target).toBe(5)
})

test('a job that waited in vain for a slot puts the target back to one per slot until it is measured again', () => {
  const targets: number[] = []
  const inFlight = createInFlight(1, (target) => targets.push(target))
  inFlight.record({ fetchMs: 20, runMs: 5, storeMs: 20 })
  inFlight.tooMany()
  expect(targets).toEqual([8, 1])
  inFlight.record({ fetchMs: 500, runMs: 2000, storeMs: 500 })
  expect(inFlight.patienceMs).toBe(12_000)
})

test('runners may hold a job only behind runs that were measured to be short', () => {
  const inFlight = createInFlight(1)
  expect(inFlight.mayHold).toBe(false)
  inFlight.record({ fetchMs: 1, runMs: 200, storeMs: 1 })
  expect(inFlight.mayHold).toBe(true)
  inFlight.record({ fetchMs: 1, runMs: 600, storeMs: 1 })
  expect(inFlight.mayHold).toBe(false)
  for (let i = 0; i < 9; i++) inFlight.record({ fetchMs: 1, runMs: 100, storeMs: 1 })
  expect(inFlight.mayHold).toBe(true)
  inFlight.tooMany()
  expect(inFlight.mayHold).toBe(false)
})
