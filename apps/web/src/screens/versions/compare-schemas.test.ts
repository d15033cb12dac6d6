/** Differences of two schemas, as people read them. */
import { expect, it } from 'vitest'
import { compareSchemas } from './compare-schemas.ts'

it('tells what was added, removed and changed, by the path of the field, and nothing of words alone', () => {
  const before = {
    type: 'object',
    description: 'Once.',
    properties: {
      text: { type: 'string', description: 'What to say.' },
      seed: { type: 'integer' },
      box: { type: 'object', properties: { size: { type: 'integer', maximum: 9 } } },
      pages: { type: 'array', items: { type: 'string' } },
    },
    required: ['text'],
  }
  const after = {
    type: 'object',
    description: 'Now.',
    properties: {
      pages: { items: { type: 'integer' }, type: 'array' },
      box: { properties: { size: { maximum: 12, type: 'integer' } }, type: 'object' },
      text: { type: 'string', description: 'What is said.' },
      seed: { type: 'integer' },
      tone: { enum: ['a', 'b'] },
    },
    required: ['text', 'seed'],
  }
  expect(compareSchemas(before, after)).toEqual([
    { path: 'box.size', kind: 'changed', before: 'integer, maximum 9', after: 'integer, maximum 12' },
    { path: 'pages[]', kind: 'changed', before: 'string', after: 'integer' },
    { path: 'seed', kind: 'changed', before: 'integer', after: 'integer, required' },
    { path: 'tone', kind: 'added', before: '', after: 'enum ["a","b"]' },
  ])
  expect(compareSchemas(after, before).map(({ path, kind }) => [path, kind])).toContainEqual(['tone', 'removed'])
  expect(compareSchemas(after, after)).toEqual([])
})

it('ends with whatever an author has written', () => {
  const deep = JSON.parse('{"properties":{"a":'.repeat(40) + '{"type":"string"}' + '}}'.repeat(40)) as object
  expect(compareSchemas(deep, {}).length).toBeGreaterThan(0)
  for (const odd of [true, null, 7, { properties: null }, { required: 'no', properties: { a: false } }, { items: [] }])
    expect(compareSchemas(odd, { type: ['string', 'null'] }).length).toBeGreaterThan(0)
})
