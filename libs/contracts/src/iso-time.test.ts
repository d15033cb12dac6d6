import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoTime } from './iso-time.ts'

/** The last millisecond that a date can be. */
const LAST = 8.64e15

test('is what a date says, before and after 1970, in years of any length', () => {
  const ms = fc.oneof(
    fc.integer({ min: -LAST, max: LAST }),
    fc.integer({ min: 1.7e12, max: 1.8e12 }),
    fc.constantFrom(0, -1, 59_999, 60_000, LAST, -LAST, 1.7e12 + 0.7),
  )
  fc.assert(
    fc.property(ms, (time) => isoTime(time) === new Date(time).toISOString()),
    { numRuns: 2000 },
  )
})

test('refuses what is no time', () => {
  for (const ms of [Number.NaN, Number.POSITIVE_INFINITY, LAST + 60_000]) expect(() => isoTime(ms)).toThrow(RangeError)
})
