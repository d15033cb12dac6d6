import { describe, expect, it } from 'vitest'
import { rangeText, typeText } from './schema-types.ts'

const text = (schema: Record<string, unknown>) => typeText(schema, {})

describe('the words for a schema', () => {
  it('name what is meant, not each way to write it', () => {
    expect(text({ type: ['integer', 'string', 'boolean', 'null'] })).toBe('whole number or null')
    expect(text({ type: ['boolean', 'number', 'string'] })).toBe('true or false')
    expect(text({ type: 'array', items: { type: ['number', 'string'] } })).toBe('list of number')
  })

  it('name the values of a list, a file by its types, and a secret', () => {
    expect(text({ anyOf: [{ type: 'integer', enum: [1, 4] }, { type: ['string', 'boolean'] }] })).toBe('1 or 4')
    expect(text({ format: 'file', contentMediaType: 'image/*, application/octet-stream' })).toBe('file (image/*)')
    expect(text({ type: ['string', 'null'], format: 'password' })).toBe('secret or null')
  })

  it('name the fields of an object inside, as far as there is room', () => {
    const box = { type: 'object', properties: { label: {}, score: {}, 'a\u001b[31m': {} } }
    expect(text({ type: 'array', items: box })).toBe('list of object (label, score, a)')
    expect(typeText({ $ref: '#/$defs/box' }, { $defs: { box } })).toBe('object (label, score, a)')
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`f${n}`, {}]))
    expect(text({ type: 'object', properties: many })).toBe('object (f0, f1, f2, f3, f4, f5, 2 more)')
    expect(text({ type: 'object' })).toBe('object')
  })

  it('name every choice that is one', () => {
    expect(text({ type: ['string', 'null'] })).toBe('text or null')
    expect(text({ type: ['number', 'object'] })).toBe('number or object')
    expect(text({ anyOf: [{ type: 'integer' }, { type: 'string' }] })).toBe('whole number or text')
  })

  it('count one in the singular', () => {
    expect(rangeText({ type: 'string', minLength: 1 }, {})).toBe('at least 1 character')
    expect(rangeText({ type: 'array', maxItems: 2 }, {})).toBe('at most 2 items')
  })
})
