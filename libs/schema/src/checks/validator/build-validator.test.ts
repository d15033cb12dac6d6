import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Schema } from '../../subschemas.ts'
import { buildValidator } from './build-validator.ts'
import { newCheckRun } from './check-run.ts'
import { COSTLY_FORMATS } from '../cost/estimate-cost.ts'

const rules = { files: 'nulls', defaults: false, closed: false } as const
const newRun = () => newCheckRun(() => undefined)

const fits = (schema: Schema, value: unknown): boolean =>
  buildValidator(schema, rules, false)(value, newRun()).length === 0

/**
 * The validator of Ajv as it is, without our memory, to compare with. Parts are not inlined, because Ajv then confuses two
 * `contains`. Returns undefined for references that lead round in a circle on one value, and for some rare pairs of
 * unevaluatedProperties and patternProperties on which Ajv fails.
 */
function plainly(schema: Schema, allErrors: boolean): (value: unknown) => boolean | undefined {
  const ajv = new Ajv2020({
    allErrors,
    inlineRefs: false,
    code: { optimize: false },
    strict: false,
    validateSchema: false,
    logger: false,
    ownProperties: true,
  })
  formats.default(ajv)
  return (value) => {
    try {
      return ajv.validate(schema, value)
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) return undefined
      throw error
    }
  }
}

const names = fc.constantFrom('a', 'b', 'c')
const scalars = fc.constantFrom<unknown>(null, true, 0, 1, 2, 'a', 'b', 'ab', '')
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalars,
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
}))
const IF_ELSE = ['if', 'then', 'else']
const targets = ['#/$defs/x', '#/$defs/y', '#/$defs/z', '#anchor', '#/$defs/x/properties/a']
const { schema: anySchema } = fc.letrec<{ schema: Schema }>((tie) => {
  const some = fc.array(tie('schema'), { minLength: 1, maxLength: 3 })
  const one = (keyword: string) => tie('schema').map((inner) => ({ [keyword]: inner }))
  const list = (keyword: string) => some.map((inner) => ({ [keyword]: inner }))
  const map = (keyword: string) =>
    fc.dictionary(names, tie('schema'), { minKeys: 1, maxKeys: 3 }).map((inner) => ({ [keyword]: inner }))
  return {
    schema: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom<Schema>(
        ...[{}, { type: 'string' }, { type: 'number' }, { type: 'object' }, { const: 1 }, { const: { a: 1 } }],
        ...[
          { enum: [1, 'a', { a: 1 }, [2]] },
          { uniqueItems: true },
          { required: ['a'] },
          { minLength: 1 },
          { not: {} },
        ],
        ...[{ pattern: '^a' }, { maxProperties: 1 }, { unevaluatedProperties: false }, { unevaluatedItems: false }],
      ),
      fc.constantFrom(...targets).map(($ref) => ({ $ref })),
      ...['not', 'additionalProperties', 'items', 'contains', 'propertyNames', 'unevaluatedProperties'].map(one),
      ...['allOf', 'anyOf', 'oneOf', 'prefixItems'].map(list),
      ...['properties', 'patternProperties', 'dependentSchemas'].map(map),
      fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => ({ ...a, ...b })),
      fc
        .tuple(tie('schema'), tie('schema'), tie('schema'))
        .map(([a, b, c]) => Object.fromEntries(IF_ELSE.map((keyword, at) => [keyword, [a, b, c][at]]))),
    ),
  }
})
/** A reference goes down into the value before it goes round. A circle on one value never ends, in any validator. */
const guarded = (inner: Schema): Schema => ({ properties: { a: inner, b: inner }, items: inner })
const anyRoot = fc.tuple(anySchema, anySchema, anySchema, anySchema).map(
  ([root, x, y, z]): Schema => ({
    ...root,
    $defs: { x: guarded(x), y: { $anchor: 'anchor', ...guarded(y) }, z: guarded(z) },
  }),
)

it('says of every value what the validator says that remembers nothing', () => {
  fc.assert(
    fc.property(anyRoot, fc.array(anyValue, { minLength: 1, maxLength: 4 }), (schema, values) => {
      // Ajv answers a little differently when it looks for all faults.
      const pairs = [false, true].map((all) => ({
        plain: plainly(schema, all),
        ours: buildValidator(schema, rules, all),
      }))
      for (const value of values) {
        const expected = pairs.map(({ plain }) => plain(value))
        if (expected.includes(undefined)) return
        const verdicts = pairs.map(({ ours }) => ours(value, newRun()).length === 0)
        expect({ value, verdicts }).toEqual({ value, verdicts: expected })
      }
    }),
    { numRuns: 400 },
  )
})

it.each([
  ['all items', { $ref: '#/$defs/x', unevaluatedItems: false, $defs: { x: { items: {} } } }, [null, null], true],
  ['no items', { $ref: '#/$defs/x', unevaluatedItems: false, $defs: { x: {} } }, [null], false],
  ['some items', { $ref: '#/$defs/x', unevaluatedItems: false, $defs: { x: { prefixItems: [{}] } } }, [1, 2], false],
  [
    'all keys',
    { $ref: '#/$defs/x', unevaluatedProperties: false, $defs: { x: { additionalProperties: {} } } },
    { a: 1 },
    true,
  ],
  ['no keys', { $ref: '#/$defs/x', unevaluatedProperties: false, $defs: { x: {} } }, { a: 1 }, false],
])('knows that a part has looked at %s', (_what, schema, value, isFit) => {
  expect(fits(schema, value)).toBe(isFit)
})

const unsafe = Object.keys(fullFormats).filter((name) => !COSTLY_FORMATS.has(name))

it.each(unsafe)('the format %s takes little time for long texts that nearly fit', (format) => {
  const validate = buildValidator({ format }, rules, false)
  const starts = ['', 'http://', 'a@', 'a', 'P', '1', '/', '#/', '::', '{', '2020-01-01T', '12:00:00.', 'urn:']
  const units = [
    'a',
    '1',
    'a.',
    '.',
    '-',
    'a-',
    '/',
    '/a',
    ':',
    '%20',
    '@',
    'a@',
    '{a}',
    '~0',
    '::',
    '0:',
    '1Y',
    'AAAA',
    ' ',
    '\n',
  ]
  const began = performance.now()
  for (const start of starts) {
    for (const unit of units) validate(`${start}${unit.repeat(20_000)}\u0000`, newRun())
  }
  expect(performance.now() - began).toBeLessThan(3000)
})

it('defaults are filled in where they count, and never by a branch of a choice', () => {
  const branch = (kind: string) => ({
    properties: { kind: { const: kind }, level: { default: kind } },
    required: ['kind'],
  })
  const schema = {
    properties: {
      own: { $ref: '#/$defs/n' },
      also: { $ref: '#/$defs/deep' },
      choice: { anyOf: [{ $ref: '#/$defs/one' }, { $ref: '#/$defs/two' }] },
    },
    $defs: { n: { default: 9 }, deep: { properties: { n: { default: 3 } } }, one: branch('one'), two: branch('two') },
  }
  const value = { also: {}, choice: { kind: 'two' } }
  expect(buildValidator(schema, { ...rules, defaults: true }, false)(value, newRun())).toEqual([])
  expect(value).toEqual({ also: { n: 3 }, choice: { kind: 'two' } })
})

it('a schema that cannot be used says why', () => {
  const build = (schema: Schema) => () => buildValidator(schema, rules, false)
  expect(build({ $ref: '#/$defs/none' })).toThrow("can't resolve reference #/$defs/none")
  expect(build({ type: 'nonsense' })).toThrow('type')
  expect(build({ pattern: '(' })).toThrow('Unterminated group')
})

it('references to true and false mean what they are', () => {
  const schema = {
    properties: { a: { $ref: '#/$defs/any' }, b: { $ref: '#/$defs/none' } },
    $defs: { any: true, none: false },
  }
  expect(fits(schema, { a: 1 })).toBe(true)
  expect(fits(schema, { b: 1 })).toBe(false)
})
