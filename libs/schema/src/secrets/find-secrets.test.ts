import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findSecrets } from './find-secrets.ts'
import type { Schema } from '../subschemas.ts'

const secret = { type: 'string', format: 'password' }
const text = { type: 'string' }

const placesIn = (schema: Schema, value: unknown): string[] => [...(findSecrets(schema)?.(value) ?? [])].sort()

/** Every keyword, and other names that a walk might mistake for one. */
const KEYWORDS = [
  ...['default', 'const', 'enum', 'examples', 'properties', 'patternProperties', 'additionalProperties', 'items'],
  ...['prefixItems', 'anyOf', 'oneOf', 'allOf', 'not', 'if', 'then', 'else', '$ref', '$defs', 'definitions', 'type'],
  ...['format', 'required', 'dependentSchemas', 'dependentRequired', 'dependencies', 'propertyNames', 'contains'],
  ...['unevaluatedProperties', 'unevaluatedItems', 'contentSchema', '$id', '$anchor', '$dynamicRef', '$schema'],
  ...['title', 'description', 'pattern', 'nullable', 'x-cog-secret', 'x-millrace-secret', 'x-millrace-file'],
  ...['$comment', '$vocabulary', 'minimum', 'maxLength', 'uniqueItems', 'readOnly', 'writeOnly', 'discriminator'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'a/b', 'a~b', '', '0'],
]

const object = (entries: [string, unknown][]): Schema => Object.fromEntries(entries)
const pointerOf = (keys: string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

it.each(KEYWORDS)('a secret property named %j is a place, and none is where only its name says so', (name) => {
  const root = {
    type: 'object',
    properties: object([
      [name, secret],
      ['other', text],
    ]),
  }
  expect(
    placesIn(
      root,
      object([
        [name, 'x'],
        ['other', 'y'],
      ]),
    ),
  ).toEqual([pointerOf([name])])
  const plain = { type: 'object', properties: object([[name, text]]) }
  expect(placesIn(plain, object([[name, 'x']]))).toEqual([])
})

/** Ways to put a schema into a branch of another, so that it still applies to the same value. */
const BRANCHES: Record<string, (inner: Schema) => Schema> = {
  'anyOf, first': (inner) => ({ anyOf: [inner, text, {}] }),
  'anyOf, last': (inner) => ({ anyOf: [{}, text, inner] }),
  oneOf: (inner) => ({ oneOf: [{ type: 'null' }, inner] }),
  allOf: (inner) => ({ allOf: [{}, inner] }),
  not: (inner) => ({ not: inner }),
  if: (inner) => ({ if: inner }),
  'what follows from if': (inner) =>
    object([
      ['if', { const: 1 }],
      ['then', inner],
    ]),
  else: (inner) => ({ if: true, else: inner }),
  dependentSchemas: (inner) => ({ dependentSchemas: { never: inner } }),
  dependencies: (inner) => ({ dependencies: { never: inner, other: ['never'] } }),
  'reference with siblings': (inner) => ({ $ref: '#/$defs/any', anyOf: [inner] }),
}
/** Ways to reach a part of a value. Each gives the schema of the whole, and builds the whole from the part. */
const STEPS: Record<string, (inner: Schema) => { schema: Schema; hold: (part: unknown) => unknown; key: string }> = {
  ...Object.fromEntries(
    KEYWORDS.map((name) => [
      `property ${name}`,
      (inner: Schema) => ({
        schema: { type: 'object', properties: object([[name, inner]]) },
        hold: (part: unknown) => object([[name, part]]),
        key: name,
      }),
    ]),
  ),
  patternProperties: (inner) => ({ schema: { patternProperties: { '^k': inner } }, hold: (k) => ({ k }), key: 'k' }),
  'costly pattern': (inner) => ({
    schema: { patternProperties: { '^(a+)+$': inner } },
    hold: (k) => ({ k }),
    key: 'k',
  }),
  additionalProperties: (inner) => ({
    schema: { properties: { named: text }, additionalProperties: inner },
    hold: (k) => ({ k, named: 'n' }),
    key: 'k',
  }),
  unevaluatedProperties: (inner) => ({
    schema: { allOf: [{ properties: { named: text } }], unevaluatedProperties: inner },
    hold: (k) => ({ k, named: 'n' }),
    key: 'k',
  }),
  items: (inner) => ({ schema: { items: inner }, hold: (k) => [k], key: '0' }),
  prefixItems: (inner) => ({
    schema: { prefixItems: [text, inner], items: text },
    hold: (k) => ['a', k, 'b'],
    key: '1',
  }),
  'items after prefixItems': (inner) => ({
    schema: { prefixItems: [text], items: inner },
    hold: (k) => ['a', k],
    key: '1',
  }),
  'items as a list': (inner) => ({ schema: { items: [text, inner] }, hold: (k) => ['a', k], key: '1' }),
  additionalItems: (inner) => ({ schema: { items: [text], additionalItems: inner }, hold: (k) => ['a', k], key: '1' }),
  unevaluatedItems: (inner) => ({ schema: { unevaluatedItems: inner }, hold: (k) => [k], key: '0' }),
  contains: (inner) => ({ schema: { contains: inner }, hold: (k) => [k], key: '0' }),
}
const REFERENCES: Record<string, (inner: Schema, root: Schema) => Schema> = {
  inline: (inner) => inner,
  definition: (inner, root) => {
    root.$defs = { ...(root.$defs as object), 'a key/%': inner }
    return { $ref: '#/$defs/a%20key~1%25' }
  },
  anchor: (inner, root) => {
    root.definitions = { d: { ...inner, $anchor: 'here' } }
    return { $ref: '#here' }
  },
  address: (inner, root) => {
    root.definitions = { d: { ...inner, $id: 'https://example.org/key.json' } }
    return { $ref: 'https://example.org/key.json' }
  },
  'place for values': (inner, root) => {
    root.components = { schemas: { default: inner } }
    return { $ref: '#/components/schemas/default' }
  },
  'dynamic reference': (inner, root) => {
    root.$defs = { ...(root.$defs as object), d: { ...inner, $dynamicAnchor: 'node' } }
    return { $dynamicRef: '#node' }
  },
}

const pick = <T>(record: Record<string, T>) => fc.constantFrom(...Object.values(record))

it('wherever a branch says that a place is secret, it is found, whatever the names on the way', () => {
  const way = fc.array(fc.record({ step: pick(STEPS), branches: fc.array(pick(BRANCHES), { maxLength: 2 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(way, pick(REFERENCES), fc.constantFrom(secret, { 'x-cog-secret': true }), (steps, refer, mark) => {
      const root: Schema = { $defs: { any: {} } }
      let schema: Schema = refer({ ...mark }, root)
      let value: unknown = 'hidden'
      const keys: string[] = []
      for (const { step, branches } of steps) {
        const { schema: outer, hold, key } = step(branches.reduce((inner, branch) => branch(inner), schema))
        schema = outer
        value = hold(value)
        keys.unshift(key)
      }
      expect(placesIn({ ...schema, ...root }, value)).toEqual([pointerOf(keys)])
    }),
    { numRuns: 2000 },
  )
})

it('a mark inside values marks nothing, whatever their keyword', () => {
  for (const keyword of ['default', 'const', 'enum', 'examples', 'x-note', 'required', 'dependentRequired']) {
    const schema = { properties: { a: { [keyword]: { properties: { a: secret }, ...secret, items: secret } } } }
    expect(placesIn(schema, { a: { a: 'x' } }), keyword).toEqual([])
  }
})

it('a recursive schema is followed as deep as the value goes', () => {
  const node = { properties: { key: secret, next: { $ref: '#/$defs/node' }, all: { items: { $ref: '#' } } } }
  const root = { properties: { top: { $ref: '#/$defs/node' } }, $defs: { node } }
  const value = { top: { next: { next: { key: 'x' } }, all: [{ top: { key: 'y' } }, 3] } }
  expect(placesIn(root, value)).toEqual(['/top/all/0/top/key', '/top/next/next/key'])
})

it('a discriminated union hides what any of its members hides', () => {
  const member = (kind: string, more: Schema) => ({ properties: { kind: { const: kind }, ...more } })
  const root = { properties: { auth: { oneOf: [member('plain', { token: text }), member('key', { token: secret })] } } }
  expect(placesIn(root, { auth: { kind: 'plain', token: 'x' } })).toEqual(['/auth/token'])
})

it('names and coded texts that may be secret hide the value that they are in', () => {
  const root = {
    properties: { map: { propertyNames: secret }, json: { contentSchema: { properties: { a: secret } } } },
  }
  expect(placesIn(root, { map: { x: 1 }, json: '{"a":"x"}' })).toEqual(['/json', '/map'])
})

it('a secret object is one place, null is none, and of a secret input each field is one', () => {
  expect(placesIn({ properties: { a: { ...secret, properties: { b: secret } } } }, { a: { b: 'x' } })).toEqual(['/a'])
  expect(placesIn({ properties: { a: secret } }, { a: null })).toEqual([])
  expect(placesIn({ allOf: [secret] }, { a: 1, b: null })).toEqual(['/a', '/b'])
})

it('what no secret can be in costs nothing', () => {
  expect(findSecrets({ properties: { a: text }, $defs: { unused: secret } })).toBeUndefined()
})

it('a union of many recursive members costs as much as the value and the schema are large', () => {
  const members = Array.from({ length: 30 }, (_, i) => ({
    properties: { kind: { const: i }, l: ref, r: ref, k: secret },
  }))
  const root = { properties: { tree: ref }, $defs: { tree: { anyOf: members } } }
  let tree: unknown = { k: 'x' }
  for (let depth = 0; depth < 28; depth++) tree = { kind: 29, l: tree, r: 1 }
  const find = findSecrets(root)
  const began = performance.now()
  expect(find?.({ tree }).size).toBe(1)
  expect(performance.now() - began).toBeLessThan(200)
})
const ref = { $ref: '#/$defs/tree' }
