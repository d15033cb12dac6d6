import fc from 'fast-check'
import { afterAll, expect, it, vi } from 'vitest'
import type { Schema } from '../subschemas.ts'
import type { CheckRules } from './validator/build-validator.ts'
import { CheckThreads } from './threads/check-threads.ts'
import { costNotes } from './cost/cost-notes.ts'
import { createChecker } from './create-checker.ts'

vi.setConfig({ testTimeout: 120_000 })

/** The rules of both sides: the API checks inputs, a worker checks answers. */
const SIDES: CheckRules[] = [
  { files: 'texts', defaults: true, closed: true },
  { files: 'nulls', defaults: false, closed: false },
]
/** A check may take its longest time, and a busy machine adds to it. */
const LONGEST_MS = 20_000
/** How long the event loop may stand still. A busy machine adds to it; without a bound it would be minutes. */
const HELD_MS = 2500

const threads = new CheckThreads({ checkMs: 2000, waitMs: 60_000 })
afterAll(() => threads.stopIdle())

/** How a check ended, and the longest time for which the event loop stood still meanwhile. */
async function checked(schema: Schema, value: unknown, rules = SIDES[0]!): Promise<{ end: string; held: number }> {
  let [held, last] = [0, performance.now()]
  const look = () => {
    held = Math.max(held, performance.now() - last)
    last = performance.now()
  }
  const timer = setInterval(look, 1)
  const end = await createChecker(schema, rules, threads)
    .check({ value, all: true })
    .then(
      ({ total }) => (total === 0 ? 'fits' : 'refused'),
      (error: Error) => error.name,
    )
  look()
  clearInterval(timer)
  return { end, held }
}

const many = <T>(length: number, make: (at: number) => T): T[] => Array.from({ length }, (_, at) => make(at))
const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more })
const E = { $ref: '#/$defs/e' }
const sides = { left: E, right: E }
const op = (name: string) => ({ op: { const: name } })
const union = (branches: Schema[], keyword = 'anyOf'): Schema =>
  object({ expr: E }, { $defs: { e: { [keyword]: [...branches, { type: 'number' }] } } })
const first = union(['add', 'mul'].map((name) => object({ ...op(name), ...sides }, { required: ['op', 'left'] })))
const last = union(['add', 'mul'].map((name) => object({ ...sides, ...op(name) }, { required: ['op', 'left'] })))
const oneOf = union(
  ['add', 'mul'].map((name) => object({ ...sides, ...op(name) }, { required: ['op', 'left'] })),
  'oneOf',
)
function tree(depth: number, leaf: unknown): unknown {
  let node = leaf
  for (let level = 0; level < depth; level++) node = { op: 'mul', left: node, right: 1 }
  return { expr: node }
}
/** Each definition names the next one twice. The last one is a number. */
const doubling = (keyword: string, wrap: (inner: Schema) => unknown): Schema =>
  object(
    { x: { $ref: '#/$defs/d0' } },
    {
      $defs: Object.fromEntries(
        many(25, (at) => [
          `d${at}`,
          at === 24 ? { type: ['number', 'object'] } : { [keyword]: wrap({ $ref: `#/$defs/d${at + 1}` }) },
        ]),
      ),
    },
  )
const twice = (inner: Schema) => [inner, { ...inner }]
const long = `${'a'.repeat(40_000)}!`

it.each<[name: string, schema: Schema, value: unknown, end: string]>([
  ['a tree, discriminator first, wrong leaf', first, tree(28, 'bad'), 'refused'],
  ['a tree, discriminator first', first, tree(28, 1), 'fits'],
  ['a tree, discriminator last, wrong leaf', last, tree(28, 'bad'), 'refused'],
  ['a tree, discriminator last', last, tree(28, 1), 'fits'],
  ['a tree by oneOf, wrong leaf', oneOf, tree(28, 'bad'), 'refused'],
  ['a tree by oneOf', oneOf, tree(28, 1), 'fits'],
  ['allOf doubling', doubling('allOf', twice), { x: 1 }, 'fits'],
  ['allOf doubling, wrong', doubling('allOf', twice), { x: 'a' }, 'refused'],
  ['anyOf doubling, wrong', doubling('anyOf', twice), { x: 'a' }, 'refused'],
  [
    'dependentSchemas doubling',
    doubling('dependentSchemas', (inner) => ({ a: inner, b: { ...inner } })),
    { x: { a: 1, b: 1 } },
    'fits',
  ],
  ['unique objects', object({ list: { uniqueItems: true } }), { list: many(9000, (at) => ({ at })) }, 'fits'],
  [
    'unique lists in lists',
    object({ list: E }, { $defs: { e: { uniqueItems: true, items: E } } }),
    { list: [[many(9000, (at) => [at])]] },
    'fits',
  ],
  [
    'a large enum',
    object({ list: { items: { enum: many(20_000, (at) => `v${at}`) } } }),
    { list: many(9000, (at) => `x${at}`) },
    'refused',
  ],
  [
    'a large enum of objects',
    object({ list: { items: { enum: many(5000, (at) => ({ at })) } } }),
    { list: many(900, (at) => ({ at })) },
    'fits',
  ],
  ['a pattern', object({ text: { pattern: '^(\\w+\\s?)*$' } }), { text: long }, 'refused'],
  [
    'names of patternProperties',
    object({ map: { patternProperties: { '^(a+)+$': false } } }),
    { map: { [long]: 1 } },
    'fits',
  ],
  ['propertyNames', object({ map: { propertyNames: { pattern: '^(a|a?)+$' } } }), { map: { [long]: 1 } }, 'refused'],
  [
    'a pattern that looks around',
    object({ text: { pattern: '^(a+)+(?!b)!!$' } }),
    { text: long },
    'CheckTooCostlyError',
  ],
  ['a pattern that refers back', object({ text: { pattern: '^(a+)+\\1$' } }), { text: long }, 'CheckTooCostlyError'],
  [
    'a format that backtracks',
    object({ text: { format: 'url' } }),
    { text: `http://${'a:'.repeat(200_000)}` },
    'CheckTooCostlyError',
  ],
  [
    '$dynamicRef',
    object(
      { expr: { $dynamicRef: '#e' } },
      {
        $defs: {
          e: {
            $dynamicAnchor: 'e',
            anyOf: [
              object({ ...sides, ...op('add') }),
              object({ left: { $dynamicRef: '#e' }, right: { $dynamicRef: '#e' }, ...op('mul') }, { required: ['op'] }),
              { type: 'number' },
            ],
          },
        },
      },
    ),
    tree(28, 1),
    'fits',
  ],
  [
    'contains',
    object(
      { list: E },
      { $defs: { e: { anyOf: [{ contains: E }, { contains: { $ref: '#/$defs/e' } }, { const: 1 }] } } },
    ),
    { list: many(25, () => 0).reduce<unknown>((inner) => [inner], [2]) },
    'fits',
  ],
  [
    'a union of very many',
    object({ list: { items: { anyOf: many(1000, (at) => ({ const: at })) } } }),
    { list: many(900, () => 'x') },
    'refused or CheckTooCostlyError',
  ],
  [
    'references in a circle',
    object({ a: { $ref: '#/$defs/a' } }, { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }),
    { a: 1 },
    'CheckTooCostlyError',
  ],
])('%s: the check has a bound and holds nobody up', async (_name, schema, value, end) => {
  // A check that is given up takes its full time, so it is tried on one side only.
  for (const rules of end === 'CheckTooCostlyError' ? SIDES.slice(1) : SIDES) {
    const began = performance.now()
    const found = await checked(schema, structuredClone(value), rules)
    expect(end.split(' or ')).toContain(found.end)
    expect(found.held).toBeLessThan(HELD_MS)
    expect(performance.now() - began).toBeLessThan(LONGEST_MS)
  }
})

it('to make a large validator holds nobody up', async () => {
  const large = object(
    Object.fromEntries(
      many(3000, (at) => [`p${at}`, { type: 'string', minLength: 1, anyOf: [{ maxLength: 3 }, { pattern: '^a' }] }]),
    ),
  )
  const { end, held } = await checked(large, { p1: 'a' })
  expect(['fits', 'CheckTooCostlyError']).toContain(end)
  expect(held).toBeLessThan(HELD_MS)
})

const keys = fc.constantFrom('a', 'b', 'op')
const { schema: anySchema } = fc.letrec<{ schema: Schema }>((tie) => {
  const list = fc.array(tie('schema'), { minLength: 2, maxLength: 3 })
  return {
    schema: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom('#/$defs/x', '#/$defs/y').map(($ref) => ({ $ref })),
      fc.constantFrom<Schema>({ type: 'number' }, { const: 1 }, { uniqueItems: true }, { pattern: '^(a+)+$' }),
      fc.constantFrom('anyOf', 'oneOf', 'allOf').chain((keyword) => list.map((inner) => ({ [keyword]: inner }))),
      fc.dictionary(keys, tie('schema'), { minKeys: 1, noNullPrototype: true }).map((properties) => ({ properties })),
      fc
        .constantFrom('items', 'contains', 'additionalProperties', 'not')
        .chain((keyword) => tie('schema').map((inner) => ({ [keyword]: inner }))),
    ),
  }
})
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 12, depthSize: 'max' },
    fc.constantFrom<unknown>(1, 2, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'),
    fc.array(tie('value'), { minLength: 1, maxLength: 2 }),
    fc.dictionary(keys, tie('value'), { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
  ),
}))
/** A reference leads round only through a part of the value. A circle on the same value would never end. */
const downwards = (inner: Schema): Schema => ({ properties: { a: inner, b: inner, op: inner }, items: inner })

it('the check of any value by any recursive schema has a bound, on both sides', async () => {
  const began = process.memoryUsage().heapUsed
  await fc.assert(
    fc.asyncProperty(
      anySchema,
      anySchema,
      anySchema,
      anyValue,
      fc.constantFrom(...SIDES),
      async (root, x, y, given, rules) => {
        const schema = { type: 'object', properties: { v: root }, $defs: { x: downwards(x), y: downwards(y) } }
        let value = given
        for (let level = 0; level < 16; level++) value = { a: value, b: value, op: 1 }
        // As a value comes from a body: each part is an object of its own. At most 10,000 parts.
        const body = JSON.stringify({ v: given, w: many(20, () => given) })
        const began = performance.now()
        const { end, held } = await checked(schema, JSON.parse(body), rules)
        expect(['fits', 'refused', 'CheckTooCostlyError']).toContain(end)
        expect(held).toBeLessThan(HELD_MS)
        expect(performance.now() - began).toBeLessThan(LONGEST_MS)
      },
    ),
    { numRuns: 150 },
  )
  expect(process.memoryUsage().heapUsed - began).toBeLessThan(300e6)
})

it('says to the author what is costly, and of a schema that is not, nothing', () => {
  const codes = (schema: Schema) => costNotes(schema).map(({ code }) => code)
  expect(codes(first)).toEqual(['growth'])
  expect(codes(last)).toEqual(['growth'])
  expect(codes(doubling('allOf', twice))).toEqual(['growth'])
  expect(codes(object({ text: { pattern: '(a)\\1' } }))).toEqual(['pattern'])
  expect(codes(object({ text: { pattern: '^(a+)+$', format: 'email' } }))).toEqual([])
  const list = object({ next: { anyOf: [E, { type: 'null' }] }, children: { items: E } })
  expect(codes(object({ top: E }, { $defs: { e: list } }))).toEqual([])
  expect(codes(oneOf)).toEqual([])
})
