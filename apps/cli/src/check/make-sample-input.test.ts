import { describe, expect, it } from 'vitest'
import { makeSampleInput } from './make-sample-input.ts'

const sampleOf = (schema: Record<string, unknown>, options = {}) =>
  makeSampleInput(
    { type: 'object', properties: { x: schema }, required: ['x'], $defs: { size: { type: 'integer', minimum: 3 } } },
    { given: {}, ...options },
  )

describe('a sample input', () => {
  it.each([
    [{ type: 'string' }, 'hello'],
    [{ type: 'string', minLength: 8, maxLength: 9 }, 'hello hel'.slice(0, 8)],
    [{ type: 'string', maxLength: 2 }, 'he'],
    [{ type: 'string', format: 'email' }, 'you@example.com'],
    [{ type: 'string', pattern: '^h' }, 'hello'],
    [{ type: 'string', pattern: '^[A-Z]+$', examples: ['AB'] }, 'AB'],
    [{ type: 'integer' }, 1],
    [{ type: 'integer', minimum: 5, maximum: 9 }, 5],
    [{ type: 'integer', exclusiveMinimum: 5 }, 6],
    [{ type: 'integer', maximum: -3 }, -3],
    [{ type: 'integer', minimum: 3, multipleOf: 4 }, 4],
    [{ type: 'number', minimum: 0.2, maximum: 0.4 }, 0.4],
    [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
    [{ type: 'number', maximum: 100 }, 1],
    [{ type: 'number', exclusiveMinimum: 2 }, 3],
    [{ type: 'integer', exclusiveMaximum: 1 }, 0],
    [{ type: 'integer', minimum: 0, maximum: 10, multipleOf: 5 }, 5],
    [{ type: 'boolean' }, true],
    [{ enum: ['b', 'a'] }, 'b'],
    [{ const: 7 }, 7],
    [{ type: 'string', default: 'given' }, 'given'],
    [{ anyOf: [{ type: 'null' }, { type: 'integer' }] }, 1],
    [{ $ref: '#/$defs/size' }, 3],
    [{ type: 'array', items: { type: 'number', minimum: 2 }, minItems: 2 }, [2, 2]],
    [{ type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a'] }, { a: 'hello' }],
  ])('of %j is %j', (schema, expected) => {
    expect(sampleOf(schema)).toEqual({ input: { x: expected }, files: [], missing: [], guessed: [] })
  })

  it('has files where the schema has them, in lists too', () => {
    const image = { type: 'string', format: 'file', contentMediaType: 'image/*' }
    const { input, files } = sampleOf({ type: 'array', items: image, minItems: 2 })
    expect(input).toEqual({ x: [null, null] })
    expect(files.map(({ pointer, contentType }) => [pointer, contentType])).toEqual([
      ['/x/0', 'image/png'],
      ['/x/1', 'image/png'],
    ])
    expect(sampleOf({ anyOf: [image, { type: 'null' }], default: null }).files).toHaveLength(1)
  })

  it('leaves out what may be left out when asked, and what is null by default', () => {
    const root = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string', default: null } } }
    expect(makeSampleInput(root, { given: {}, onlyRequired: true }).input).toEqual({})
    expect(makeSampleInput(root, { given: {} }).input).toEqual({ a: 'hello' })
  })

  it('takes what is given, and says for which field nothing can be made', () => {
    const hard = { type: 'string', pattern: '^[A-Z]{4}-\\d+$' }
    expect(sampleOf(hard).missing).toEqual([{ name: 'x', why: expect.stringContaining('must match') }])
    expect(sampleOf(hard, { given: { x: 'ABCD-1' } })).toMatchObject({ input: { x: 'ABCD-1' }, missing: [] })
    expect(sampleOf({ format: 'file', contentMediaType: 'video/mp4' }).missing[0]?.why).toContain('video/mp4')
    expect(sampleOf({ $ref: '#' }).missing[0]?.why).toContain('without end')
  })

  it('says of which fields the schema says nothing', () => {
    expect(sampleOf({ description: 'Anything.' })).toMatchObject({ input: { x: 'hello' }, guessed: ['x'] })
  })
})
