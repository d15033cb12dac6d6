import { pointerTo } from '@millrace/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonSplicer } from './splice-json.ts'

function nullsOf(value: unknown, pointer = ''): string[] {
  if (value === null) return [pointer]
  if (typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) => nullsOf(item, pointerTo(pointer, key)))
}

function replaceNulls(value: unknown, pointers: Set<string>, pointer = ''): unknown {
  if (value === null) return pointers.has(pointer) ? { at: pointer } : null
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item, i) => replaceNulls(item, pointers, pointerTo(pointer, String(i))))
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    replaceNulls(item, pointers, pointerTo(pointer, key)),
  ])
  return Object.fromEntries(entries)
}

test('nulls at the pointers and no others are replaced, wherever the text is cut', () => {
  const key = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('~', '/', '"', '\\', 'null', 'n'))
  const { value: anyValue } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, 1, 'null', '"n\\'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(anyValue, fc.integer({ min: 1, max: 7 }), fc.func(fc.boolean()), (value, step, chosen) => {
      const plain = JSON.parse(JSON.stringify(value))
      const pointers = new Set(nullsOf(plain).filter((pointer) => chosen(pointer)))
      const values = new Map([...pointers].map((at) => [at, JSON.stringify({ at })]))
      const text = JSON.stringify(plain)
      const splicer = new JsonSplicer(values)
      let out = ''
      for (let i = 0; i < text.length; i += step) out += splicer.push(text.slice(i, i + step))
      expect(JSON.parse(out)).toEqual(replaceNulls(plain, pointers))
    }),
    { numRuns: 2000 },
  )
})
