import { expect, onTestFinished, test, vi } from 'vitest'
import { LineRate } from './line-rate.ts'

test('each second has room for so many lines, and tells how many the one before left out', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const rate = new LineRate(2)
  const take = (count: number) => Array.from({ length: count }, () => rate.take())
  expect(take(4).map(({ allowed }) => allowed)).toEqual([true, true, false, false])
  vi.advanceTimersByTime(999)
  expect(rate.take()).toEqual({ allowed: false, missed: 0 })
  vi.advanceTimersByTime(1)
  expect(take(3)).toEqual([
    { allowed: true, missed: 3 },
    { allowed: true, missed: 0 },
    { allowed: false, missed: 0 },
  ])
  expect([rate.settle(), rate.settle()]).toEqual([1, 0])
})
