import fc from 'fast-check'
import { expect, it } from 'vitest'
import { completeSearch } from './complete-search.ts'
import { readTime } from './read-time.ts'

const KNOWN = { model: ['ocr', 'echo'], worker: ['host 1'], labels: new Map([['order', ['42', 'a b']]]) }
/** The caret stands at the `|`. */
const complete = (marked: string) => {
  const line = marked.replace('|', '')
  const { from, to, options } = completeSearch(line, marked.indexOf('|'), KNOWN)
  return options.map((option) => line.slice(0, from) + option + line.slice(to))
}

it('offers names at an empty place, and what goes on with what was typed', () => {
  expect(complete('|')).toEqual(expect.arrayContaining(['model:', 'status:', 'order=']))
  expect(complete('mo|')).toEqual(['model:', 'code:model_error'])
  expect(complete('fai|')).toEqual(['failure:', 'status:failed'])
  expect(complete('model:|')).toEqual(['model:ocr', 'model:echo'])
  expect(complete('model:o| since:1h')).toEqual(['model:ocr since:1h'])
  expect(complete('worker:|')).toEqual(['worker:"host 1"'])
  expect(complete('since:|')).toContain('since:1h')
})

it('offers each status once, and values of labels', () => {
  expect(complete('status:failed,|')).toEqual(
    ['queued', 'running', 'succeeded', 'canceled'].map((one) => `status:failed,${one}`),
  )
  expect(complete('order=|')).toEqual(['order=42', 'order="a b"'])
})

it('stays within the line wherever the caret is', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), fc.nat(40), (line, place) => {
      const caret = Math.min(place, line.length)
      const { from, to } = completeSearch(line, caret, KNOWN)
      expect(0 <= from && from <= to && to <= line.length).toBe(true)
    }),
  )
})

it('reads times as people write them', () => {
  const now = Date.parse('2026-11-29T12:00:00Z')
  expect(readTime('90s', now)).toBe(now - 90_000)
  expect(readTime('2D', now)).toBe(now - 172_800_000)
  expect(readTime('2026-11-29T10:00+02:00', now)).toBe(Date.parse('2026-11-29T08:00:00Z'))
  expect(readTime('2026-11-29', now)).toBe(new Date(2026, 10, 29).getTime())
  expect(readTime('00:00', now)).toBeLessThanOrEqual(now)
  for (const wrong of ['', 'now', '1y', '25:00', '2026-13-01', '-1h'])
    expect(readTime(wrong, now), wrong).toBeUndefined()
})
