import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

const shuffled = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(shuffled)
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item)]),
  )
}

test('the order of keys does not matter, everything else does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const [left, right] = [JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))]
      expect(canonicalJson(shuffled(left))).toBe(canonicalJson(left))
      expect(JSON.parse(canonicalJson(left))).toEqual(left)
      const same = JSON.stringify(sorted(left)) === JSON.stringify(sorted(right))
      expect(canonicalJson(left) === canonicalJson(right)).toBe(same)
    }),
  )
})

const sorted = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  // Kept apart from an array: {} and [] are not the same.
  return { entries: entries.map(([key, item]) => [key, sorted(item)]) }
}

test('texts may be stood in for, keys never', () => {
  expect(canonicalJson({ b: 'x', x: ['x', 'y'] }, (text) => (text === 'x' ? null : text))).toBe(
    '{"b":null,"x":[null,"y"]}',
  )
})
