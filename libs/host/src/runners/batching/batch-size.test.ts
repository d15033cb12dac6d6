import { expect, it } from 'vitest'
import { BatchSize } from './batch-size.ts'

it('is halved when memory is lacking, never below one, and climbs back step by step while there is enough', () => {
  const size = new BatchSize(16)
  size.lackedMemory(16)
  expect(size.limit).toBe(8)
  // What was too much was less than is allowed.
  size.lackedMemory(6)
  expect(size.limit).toBe(3)
  size.lackedMemory(2)
  size.lackedMemory(1)
  expect(size.limit).toBe(1)
  const seen = [size.limit]
  for (let run = 0; run < 3000; run += 1) {
    size.begun()
    if (size.limit !== seen.at(-1)) seen.push(size.limit)
  }
  expect(seen).toEqual([1, 2, 3, 4, 5, 7, 9, 12, 15, 16])
})

it('begins to count anew after each lack', () => {
  const size = new BatchSize(4)
  size.lackedMemory(4)
  for (let run = 0; run < 31; run += 1) size.begun()
  size.lackedMemory(2)
  for (let run = 0; run < 15; run += 1) size.begun()
  expect(size.limit).toBe(1)
  size.begun()
  expect(size.limit).toBe(2)
})
