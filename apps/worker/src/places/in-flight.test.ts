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
