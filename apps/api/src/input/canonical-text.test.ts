import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalText } from './canonical-text.ts'

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
      expect(canonicalText(shuffled(left))).toBe(canonicalText(left))
      const same = JSON.stringify(sorted(left)) === JSON.stringify(sorted(right))
      expect(canonicalText(left) === canonicalText(right)).toBe(same)
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
  const given = { b: 'x', x: ['x', 'y'] }
  const stoodIn = canonicalText(given, (text) => (text === 'x' ? null : text))
  expect(stoodIn).toBe(canonicalText({ b: null, x: [null, 'y'] }))
  expect(stoodIn).not.toBe(canonicalText(given))
})

test('what looks like the text of another value is not taken for it', () => {
  const texts = [['a', 'b'], ['a",1"b'], ['a,1"b'], ['null'], [null], ['1'], [1], [true], ['true'], [{}], [[]], ['{}']]
  const near = [{ a: 'b' }, { 'a:1"b': '' }, { a: 'b', c: 'd' }, { a: 'b,1"c:1"d' }, { a: '' }, { a: null }]
  const written = [...texts, ...near].map((value) => canonicalText(value))
  expect(new Set(written).size).toBe(written.length)
})

test('a field that is undefined counts as absent', () => {
  expect(canonicalText({ a: 1, b: undefined })).toBe(canonicalText({ a: 1 }))
})
