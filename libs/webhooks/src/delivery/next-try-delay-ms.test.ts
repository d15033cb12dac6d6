import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nextTryDelayMs, WEBHOOK_TRIES } from './next-try-delay-ms.ts'
import { parseRetryAfter } from './parse-retry-after.ts'

const middle = () => 0.5
const HOUR = 3_600_000

it('tries ten times over about three days, then gives up', () => {
  const waits = Array.from({ length: WEBHOOK_TRIES }, (_, made) => nextTryDelayMs({ tries: made + 1, random: middle }))
  expect(waits).toEqual([5000, 300_000, 1_800_000, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR), null])
  expect(waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0) / HOUR).toBeCloseTo(75.6, 1)
  expect(nextTryDelayMs({ tries: 11 })).toBeNull()
})

it('spreads each wait by a fifth to both sides', () => {
  expect([0, 1].map((value) => nextTryDelayMs({ tries: 1, random: () => value }))).toEqual([4000, 6000])
})

it('waits as long as the receiver asks, at most an hour, and never shorter than planned', () => {
  const asked = (retryAfterSeconds: number, tries = 1) => nextTryDelayMs({ tries, retryAfterSeconds, random: middle })
  expect(nextTryDelayMs({ tries: 1, retryAfterSeconds: 60, random: () => 0 })).toBe(60_000)
  expect([asked(60), asked(86_400), asked(0), asked(60, 9)]).toEqual([66_000, 3_960_000, 5000, 24 * HOUR])
})

it('runs the whole of it in as little time as wanted', () => {
  expect(nextTryDelayMs({ tries: 9, random: middle, timeScale: 0.001 })).toBe(86_400)
})

it('is within its bounds whatever is given', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (tries, asked, value) => {
        const wait = nextTryDelayMs({ tries, retryAfterSeconds: asked, random: () => value }) ?? 0
        expect(wait).toBeGreaterThanOrEqual(Math.min(asked * 1000, HOUR))
        expect(wait).toBeGreaterThanOrEqual(4000)
        expect(wait).toBeLessThanOrEqual(24 * 1.2 * HOUR)
      },
    ),
  )
})

it('reads Retry-After in seconds and as a date, and nothing else', () => {
  const now = Date.UTC(2026, 0, 1)
  const read = (text?: string) => parseRetryAfter(text, now)
  expect([read('120'), read(' 0 '), read(new Date(now + 90_000).toUTCString())]).toEqual([120, 0, 90])
  expect(read('Thursday, 01-Jan-26 00:01:00 GMT')).toBe(60)
  expect(read(new Date(0).toUTCString())).toBe(0)
  for (const text of [undefined, '', '-1', 'soon', '1.5', '1e9', '99999999999', '2026-01-01', 'Foo, bar GMT']) {
    expect(read(text), text).toBeUndefined()
  }
})
