import { manifestSchema } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { validateInput } from './validate-input.ts'

const secret = { type: 'string', format: 'password' }

/** Pointers of the secrets in an input for a model with these fields. */
function secretsOf(properties: Record<string, unknown>, input: Record<string, unknown>): string[] {
  const schema = { type: 'object', properties, $defs: { key: secret } }
  const base = { name: 'm', version: '1', output_schema: {} }
  const manifest = manifestSchema.parse({ ...base, input_schema: schema })
  const secrets = new Set<string>()
  validateInput({ manifest, input, nodes: 10, secrets })
  return [...secrets].sort()
}

it.each([
  ['a field', { a: secret, b: { type: 'string' } }, { a: 'x', b: 'y' }, ['/a']],
  ["Cog's own mark", { a: { type: ['string', 'null'], 'x-cog-secret': true } }, { a: 'x' }, ['/a']],
  [
    'a list and a reference',
    { a: { type: 'array', items: { $ref: '#/$defs/key' } } },
    { a: ['x', 'y'] },
    ['/a/0', '/a/1'],
  ],
  ['a choice', { a: { anyOf: [secret, { type: 'null' }] } }, { a: 'x' }, ['/a']],
  ['a name with a slash', { 'a/b': secret }, { 'a/b': 'x' }, ['/a~1b']],
  ['nothing that was given', { a: { anyOf: [secret, { type: 'null' }] } }, { a: null }, []],
])('a secret is found in %s', (_where, properties, input, pointers) => {
  expect(secretsOf(properties, input)).toEqual(pointers)
})
