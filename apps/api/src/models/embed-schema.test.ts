import { jobSchema } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { contractComponents, embedSchema } from './embed-schema.ts'

const taken = new Set(['Input', 'InputPage', 'Job'])

it('gives what a schema defines a component of its own, and moves the references to it', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:x',
    type: 'object',
    properties: {
      page: { $ref: '#/$defs/page' },
      inner: { $ref: '#/$defs/a~1b%20c/properties/x' },
      again: { $ref: '#/properties/page' },
      itself: { $ref: '#' },
      elsewhere: { $ref: 'https://example.com/x#/y' },
    },
    $defs: { page: { type: 'string' }, 'a/b c': { properties: { x: { $ref: '#/definitions/page' } } } },
    definitions: { page: { type: 'array', items: { $ref: '#/definitions/page' } } },
    default: { $ref: '#/a-value' },
  }
  const components = '#/components/schemas/'
  expect(embedSchema('Input', schema, { taken })).toEqual({
    Input: {
      type: 'object',
      properties: {
        page: { $ref: `${components}InputPage2` },
        inner: { $ref: `${components}InputABC/properties/x` },
        again: { $ref: `${components}Input/properties/page` },
        itself: { $ref: `${components}Input` },
        elsewhere: { $ref: 'https://example.com/x#/y' },
      },
      default: { $ref: '#/a-value' },
    },
    InputPage2: { type: 'string' },
    InputABC: { properties: { x: { $ref: `${components}InputPage3` } } },
    InputPage3: { type: 'array', items: { $ref: `${components}InputPage3` } },
  })
})

it('changes each schema of it as it is asked to, and no value', () => {
  const schema = { properties: { a: { format: 'file' } }, default: { format: 'file' } }
  const change = (copy: Record<string, unknown>) =>
    copy.format === 'file' ? { $ref: '#/components/schemas/File' } : copy
  const Input = { properties: { a: { $ref: '#/components/schemas/File' } }, default: { format: 'file' } }
  expect(embedSchema('Input', schema, { taken, change })).toEqual({ Input })
})

it('takes a schema of the contracts with all that it refers to, open to what an answer will have one day', () => {
  const components = contractComponents(jobSchema)
  const names = ['Eta', 'Job', 'JobAttempt', 'JobCheckpoint', 'JobError', 'JobQueue', 'Progress']
  expect(Object.keys(components).sort()).toEqual(names)
  expect(components).toHaveProperty('Job.properties.attempts.items', { $ref: '#/components/schemas/JobAttempt' })
  expect(JSON.stringify(components)).not.toMatch(/"additionalProperties":false|"id":"Job|\$defs/)
})
