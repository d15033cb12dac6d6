import { afterEach, expect, test, vi } from 'vitest'
import { SharesTeller } from './shares-teller.ts'

afterEach(() => vi.useRealTimers())

test('what was set goes with the first submit of each model, and again after a minute', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  vi.advanceTimersByTime(1)
  const teller = new SharesTeller({ weights: { acme: 5 }, running: { beta: 10, constructor: 3 } as never })
  const text = 'shares\nacme 5 9000000000000000\nbeta 1 10\nconstructor 1 3'
  expect(teller.due('a')).toBe(text)
  // Until a submit was answered.
  expect(teller.due('a')).toBe(text)
  teller.told('a')
  expect([teller.due('a'), teller.due('b')]).toEqual([undefined, text])
  vi.advanceTimersByTime(59_000)
  expect(teller.due('a')).toBeUndefined()
  vi.advanceTimersByTime(1000)
  expect(teller.due('a')).toBe(text)
})

test('nothing set is told too, so that what was set before ends; who has no settings tells nothing', () => {
  expect(new SharesTeller({ weights: {}, running: {} }).due('a')).toBe('shares')
  expect(new SharesTeller(undefined).due('a')).toBeUndefined()
})
