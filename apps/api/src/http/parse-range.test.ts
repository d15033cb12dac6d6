import { expect, test } from 'vitest'
import { parseRange } from './parse-range.ts'

test('one range of bytes is read, everything else means the whole', () => {
  const cases: [string | undefined, ReturnType<typeof parseRange>][] = [
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=3-', { start: 3, end: 9 }],
    ['bytes=3-99', { start: 3, end: 9 }],
    ['bytes=-4', { start: 6, end: 9 }],
    ['bytes=-99', { start: 0, end: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-3', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=-', undefined],
    ['lines=0-1', undefined],
    [undefined, undefined],
  ]
  for (const [header, range] of cases) expect(parseRange(header, 10), header).toEqual(range)
  expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable')
})
