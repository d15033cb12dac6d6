import { expect, it } from 'vitest'
import { retryDelay } from './retry-delay.ts'

it('doubles up to a bound, at random between a half and the whole', () => {
  const longest = [0, 1, 2, 3, 9].map((attempt) => retryDelay(attempt, null, () => 1))
  expect(longest).toEqual([250, 500, 1000, 2000, 8000])
  expect(retryDelay(2, null, () => 0)).toBe(500)
})

it('does what the server asks, in seconds or by date, up to half a minute', () => {
  const asked = (text: string) => retryDelay(0, text, () => 0)
  expect([asked('3'), asked('9999'), asked('0')]).toEqual([3000, 30_000, 0])
  expect(asked(new Date(Date.now() + 10_000).toUTCString())).toBeGreaterThan(8000)
  expect(asked(new Date(0).toUTCString())).toBe(0)
  expect(retryDelay(0, 'soon', () => 1)).toBe(250)
})
