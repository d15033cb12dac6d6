import { expect, it } from 'vitest'
import { hideSecrets } from './hide-secrets.ts'
import type { Schema } from '../subschemas.ts'

const secret = { type: 'string', format: 'password' }
const hush = { default: 'hush', examples: ['hush'], enum: ['hush'] }
const plain = { type: 'string', default: 'kept' }
const properties = (fields: Schema): Schema => ({ type: 'object', properties: fields })

it.each<[string, Schema]>([
  ['a field', properties({ a: { ...secret, ...hush } })],
  ['a field named like a keyword', properties({ default: { ...secret, ...hush }, const: { ...secret, ...hush } })],
  ['a branch beside the mark', properties({ a: { anyOf: [{ type: 'string', ...hush }, secret] } })],
  ['the schema around a marked branch', properties({ a: { ...hush, oneOf: [{ type: 'null' }, secret] } })],
  [
    'what a marked place refers to',
    { ...properties({ a: { $ref: '#/$defs/t', ...secret } }), $defs: { t: { ...hush } } },
  ],
  [
    'another branch of the schema around it',
    { allOf: [properties({ a: secret }), properties({ a: { type: 'string', ...hush } })] },
  ],
  ['a default of the whole', { ...properties({ a: { additionalProperties: secret } }), default: { a: { k: 'hush' } } }],
  ['a list of examples', { ...properties({ a: secret }), examples: [{ a: null }, { a: 'hush' }] }],
  ['what lies inside a secret', properties({ a: { ...properties({ b: { const: 'hush' } }), format: 'password' } })],
  ['items', properties({ a: { items: { ...secret, ...hush }, default: ['hush'] } })],
  [
    'a recursive place',
    { ...properties({ next: { $ref: '#' }, k: secret }), default: { next: { next: { k: 'hush' } } } },
  ],
])('the values of %s are not shown, what is none of the secret is', (_, schema) => {
  const whole = { ...schema, properties: { ...(schema.properties as object), free: plain } }
  const shown = JSON.stringify(hideSecrets(whole))
  expect(shown).not.toContain('hush')
  expect(shown).toContain('kept')
  expect(shown).toContain('password')
  expect(JSON.stringify(whole)).toContain('hush')
})

it('a schema without secrets is given back as it is', () => {
  const schema = properties({ default: { default: 'x' }, password: { const: 'format' } })
  expect(hideSecrets(schema)).toBe(schema)
})

it('a schema of too many places is shown without any defaults, within its time', () => {
  // Each subset of the branches becomes a place of its own, so there are very many.
  const bit = (n: number) =>
    properties({ on: { anyOf: [{ $ref: `#/$defs/b${n}` }, { $ref: '#/$defs/all' }] }, off: { $ref: `#/$defs/b${n}` } })
  const names = Array.from({ length: 16 }, (_, n) => n)
  const $defs = {
    all: {
      anyOf: names.map((n) => ({
        properties: Object.fromEntries(names.filter((m) => m !== n).map((m) => [`k${m}`, { $ref: `#/$defs/b${n}` }])),
      })),
    },
    ...Object.fromEntries(
      names.map((n) => [
        `b${n}`,
        {
          ...bit(n),
          anyOf: [
            {
              properties: Object.fromEntries(
                names.filter((m) => m !== n).map((m) => [`k${m}`, { $ref: `#/$defs/b${n}` }]),
              ),
            },
          ],
        },
      ]),
    ),
  }
  const root = { ...properties({ free: plain, a: { $ref: '#/$defs/all' }, s: { ...secret, default: 'hush' } }), $defs }
  const began = performance.now()
  expect(JSON.stringify(hideSecrets(root))).not.toContain('default')
  expect(performance.now() - began).toBeLessThan(500)
})
