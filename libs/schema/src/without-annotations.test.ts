import { expect, test } from 'vitest'
import { withoutAnnotations } from './without-annotations.ts'

test('what only tells people something is left out, wherever a schema stands', () => {
  const told = {
    title: 'T',
    description: 'D',
    examples: [1],
    example: 1,
    deprecated: true,
    'x-order': 3,
    $comment: 'c',
  }
  const full = {
    ...told,
    type: 'object',
    properties: { a: { ...told, type: 'string' }, b: { items: { ...told, type: 'number' } } },
    anyOf: [{ ...told, required: ['a'] }],
    $defs: { one: { ...told, const: 1 } },
  }
  expect(withoutAnnotations(full)).toEqual({
    type: 'object',
    properties: { a: { type: 'string' }, b: { items: { type: 'number' } } },
    anyOf: [{ required: ['a'] }],
    $defs: { one: { const: 1 } },
  })
})

test.each<[string, Record<string, unknown>]>([
  ['properties that are named like annotations', { properties: { title: { type: 'string' }, 'x-order': true } }],
  ['definitions that are named so', { $defs: { description: { type: 'string' }, examples: {} } }],
  ['names in lists', { required: ['title'], dependentRequired: { description: ['title'] } }],
  ['values', { default: { title: 'a' }, enum: [{ description: 1 }], const: { examples: [] } }],
  ['what fills an input in', { properties: { a: { default: 1 } } }],
  ['what says which texts are numbers', { anyOf: [{ 'x-number-text': 'json' }] }],
  ['what is a schema because a reference leads to it', { $ref: '#/x-types/a', 'x-types': { a: { type: 'string' } } }],
  ['what has a name for references', { $ref: '#a', 'x-types': { a: { $anchor: 'a', type: 'string' } } }],
])('it keeps %s', (_, schema) => {
  expect(withoutAnnotations(schema)).toEqual(schema)
})
