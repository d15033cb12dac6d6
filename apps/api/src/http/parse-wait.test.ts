import { expect, test } from 'vitest'
import { parseWait, preferredWait } from './parse-wait.ts'

test('a wait is a number of seconds, cut to 60', () => {
  expect([undefined, '0', '1.5', '60', '61', '99999'].map(parseWait)).toEqual([0, 0, 1.5, 60, 60, 60])
  for (const text of ['', '-1', 'NaN', 'Infinity', '1e3', ' 1', '0x10', '9999999']) {
    expect(() => parseWait(text), text).toThrow()
  }
})

test('a preference to wait is found among others and never a reason to refuse', () => {
  const cases: [string | undefined, number | undefined][] = [
    ['wait=10', 10],
    ['wait', 60],
    ['respond-async, wait=7', 7],
    ['Wait = "5"', 5],
    ['wait=900', 60],
    ['wait=5; strict', 5],
    ['wait=-1', undefined],
    ['waiting=5', undefined],
    ['', undefined],
    [undefined, undefined],
  ]
  for (const [header, seconds] of cases) expect(preferredWait(header), header).toBe(seconds)
})
