import { jobRequestSchema } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { checkFields, hashOfBody, jsonBody } from './submit-body.ts'

test('a request that names nothing but its input has the fields that all have by default', () => {
  const { input, fields } = checkFields({ input: { text: 'a' } })
  expect(input).toEqual({ text: 'a' })
  expect({ ...fields, input: {} }).toEqual(jobRequestSchema.parse({ input: {} }))
  const said = { input: { text: 'a' }, priority: 'normal', metadata: {} }
  expect(hashOfBody('echo', jsonBody(said, 4))).toBe(hashOfBody('echo', jsonBody({ input: { text: 'a' } }, 2)))
})

test('what one request is made to name shows in no other', () => {
  const { fields } = checkFields({ input: {} })
  fields.priority = 'high'
  expect(() => Object.assign(fields.metadata, { order: '42' })).toThrow(TypeError)
  expect(checkFields({ input: {} }).fields).toMatchObject({ priority: 'normal', metadata: {} })
})
