import fc from 'fast-check'
import { expect, it } from 'vitest'
import { JsonNumber, jsonAt, parseJson, toJson, writeJson } from './json.ts'

it('is read and written as JSON.parse and JSON.stringify do', () => {
  fc.assert(
    fc.property(fc.jsonValue({ depthSize: 'medium' }), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const read = parseJson(text)
      expect(read).not.toBeUndefined()
      expect(writeJson(read!, indent)).toBe(text)
    }),
  )
})

it('keeps the digits of a number and the order and names of keys', () => {
  const text = '{"b":9007199254740993,"a":[1.0,-0,1e400,[],{}],"__proto__":{"x":null},"2":true,"1":""}'
  expect(writeJson(parseJson(text)!)).toBe(text)
  expect(jsonAt(parseJson(text), ['a', '0'])).toEqual(new JsonNumber('1.0'))
  expect(jsonAt(parseJson(text), ['a', '9', 'x'])).toBeUndefined()
})

it('does not read what is no JSON, or nested without end', () => {
  for (const text of ['', '{', '[1,]', 'undefined', "{'a':1}", '01', '"']) expect(parseJson(text), text).toBeUndefined()
  expect(parseJson('['.repeat(5000) + ']'.repeat(5000))).toBeUndefined()
  expect(toJson(undefined)).toBeUndefined()
  expect(toJson({ a: [1] })).toEqual(new Map([['a', [new JsonNumber('1')]]]))
})
