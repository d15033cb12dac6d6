import { expect, it } from 'vitest'
import { strictSchema } from './strict-schema.ts'

const text = { 'x-number-text': { reads: 'whole' } }
const flag = { pattern: '^(?:yes|no)$' }

it.each([
  [
    'a whole number',
    { type: ['integer', 'string', 'boolean'], minimum: 1, default: 3, ...text },
    { type: 'integer', minimum: 1, default: 3 },
  ],
  ['a number or null', { type: ['number', 'string', 'boolean', 'null'], ...text }, { type: ['number', 'null'] }],
  ['a whole number that may be cut', { type: ['integer', 'number', 'string'], ...text }, { type: 'integer' }],
  [
    'a flag',
    { type: ['boolean', 'integer', 'string'], minimum: 0, maximum: 1, title: 'On', ...flag },
    { type: 'boolean', title: 'On' },
  ],
  [
    'fixed numbers',
    {
      title: 'N',
      anyOf: [
        { type: 'integer', enum: [1, 2] },
        { type: ['string', 'boolean'], ...text },
      ],
    },
    { title: 'N', type: 'integer', enum: [1, 2] },
  ],
  [
    'fixed numbers or null',
    {
      anyOf: [
        { enum: [1, 2] },
        { type: 'string', ...text },
        { type: 'number', not: { type: 'integer' } },
        { type: 'null' },
      ],
    },
    { anyOf: [{ enum: [1, 2] }, { type: 'null' }] },
  ],
])('%s is strict in a document', (_what, schema, strict) => {
  expect(strictSchema(schema)).toEqual(strict)
  const place = (inner: object) => ({ type: 'object', properties: { list: { type: 'array', items: inner } } })
  expect(strictSchema(place(schema))).toEqual(place(strict))
})

it.each([
  ['a list of types that an author means', { type: ['number', 'string'] }],
  ['a text or a flag', { type: ['boolean', 'string'] }],
  ['a text that holds numbers', { type: 'string', 'x-number-text': { reads: 'int', split: ',' } }],
  ['choices', { anyOf: [{ enum: ['a'] }, { type: 'number' }] }],
  ['a value that looks like a schema', { type: 'object', default: { type: ['integer', 'string'], ...text } }],
])('%s stays as it is', (_what, schema) => {
  expect(strictSchema(schema)).toEqual(schema)
})
