import { ProblemError } from '@millrace/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJson } from './read-json.ts'
import { scanJson } from './scan-json.ts'

const FREE = { maxDepth: Infinity, maxNodes: Infinity }

function shapeOf(value: unknown): { depth: number; nodes: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, nodes: 1 }
  const inner = Object.values(value).map(shapeOf)
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    nodes: 1 + inner.reduce((sum, { nodes }) => sum + nodes, 0),
  }
}

const codeOf = (work: () => unknown): string => {
  try {
    work()
    return 'fine'
  } catch (error) {
    return error instanceof ProblemError ? error.code : `threw ${String(error)}`
  }
}

test('depth and count agree with those of the parsed value, however it is spaced', () => {
  const spaces = fc.constantFrom(undefined, 0, 1, '\t', '\n \r')
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), spaces, (value, space) => {
      const text = JSON.stringify(value, null, space as string)
      expect(scanJson(text, FREE)).toEqual(shapeOf(JSON.parse(text)))
    }),
    { numRuns: 2000 },
  )
})

test('a value is read exactly when JSON.parse reads it', () => {
  const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', 'a', 'null', '1', '-', 'e', ' ', '"a"', '\\u')
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      const parses = codeOf(() => JSON.parse(text)) === 'fine'
      expect(codeOf(() => readJson(Buffer.from(text)))).toBe(parses ? 'fine' : 'malformed_json')
    }),
    { numRuns: 5000 },
  )
})

test('strings are taken when they can be written as UTF-8, in whatever way they are escaped', () => {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff }))
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 6 }), (units) => {
      const text = String.fromCharCode(...units)
      const escaped = `"${units.map((one) => `\\u${one.toString(16).padStart(4, '0')}`).join('')}"`
      const isWellFormed = Buffer.from(text).toString() === text
      expect(codeOf(() => readJson(Buffer.from(escaped)))).toBe(isWellFormed ? 'fine' : 'invalid_utf8')
    }),
    { numRuns: 2000 },
  )
})

test('the bounds are met exactly', () => {
  const read = (text: string) => codeOf(() => readJson(Buffer.from(text)))
  const list = (count: number) => `[${Array.from({ length: count }, () => '1').join(',')}]`
  const object = (count: number) => `{${Array.from({ length: count }, (_, i) => `"${i}":1`).join(',')}}`
  expect(read('['.repeat(32) + ']'.repeat(32))).toBe('fine')
  expect(read('['.repeat(33) + ']'.repeat(33))).toBe('json_too_deep')
  expect([read(list(9999)), read(object(9999))]).toEqual(['fine', 'fine'])
  expect([read(list(10_000)), read(object(10_000))]).toEqual(['json_too_large', 'json_too_large'])
  expect(read('"\ufeff"')).toBe('fine')
  expect(read('\ufeff1')).toBe('malformed_json')
})
