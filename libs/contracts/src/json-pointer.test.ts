import { expect, it } from 'vitest'
import { fillAt, parsePointer, pointerTo, replaceAt, valueAt } from './json-pointer.ts'

const WRONG = ['', '/new', '/list/1', '/__proto__/x', '/constructor/prototype']

it('replaces what is there, and nothing else', () => {
  const value = { 'b/~': null, list: [{ x: null }] }
  expect(replaceAt(value, '/b~1~0', 1) && replaceAt(value, '/list/0/x', 2)).toBe(true)
  expect(value).toEqual({ 'b/~': 1, list: [{ x: 2 }] })
  for (const wrong of WRONG) expect(replaceAt(value, wrong, 1), wrong).toBe(false)
  expect(replaceAt(null, '/a', 1)).toBe(false)
  expect(value).toEqual({ 'b/~': 1, list: [{ x: 2 }] })
})

it('reads own properties alone', () => {
  const value = { list: [{ x: 2 }] }
  expect(valueAt(value, '/list/0/x')).toBe(2)
  expect(valueAt(value, '')).toBe(value)
  for (const wrong of ['/__proto__', '/list/length/x', '/list/1']) expect(valueAt(value, wrong), wrong).toBeUndefined()
})

it('writes a key that means a prototype as a key', () => {
  const value = JSON.parse('{"__proto__": 1}') as object
  expect(replaceAt(value, '/__proto__', { polluted: true })).toBe(true)
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  const filled = {}
  expect(fillAt(filled, ['__proto__', 'polluted'], true)).toBe(true)
  expect((filled as { polluted?: boolean }).polluted).toBeUndefined()
})

it('fills a place that is free, making what leads there, and lets a list grow by one', () => {
  const value: Record<string, unknown> = { taken: 1, none: null }
  const fill = (...keys: string[]) => fillAt(value, keys, 'x')
  expect([fill('none'), fill('a', '0', 'b'), fill('a', '1')]).toEqual([true, true, true])
  expect([fill('taken'), fill('taken', 'b'), fill('a', '3'), fill('a', 'b')]).toEqual([false, false, false, false])
  expect(value).toEqual({ taken: 1, none: 'x', a: [{ b: 'x' }, 'x'] })
})

it('takes a pointer apart as it was put together', () => {
  expect(parsePointer(pointerTo(pointerTo('', 'a/b'), '~1'))).toEqual(['a/b', '~1'])
  expect(pointerTo('/list', 0)).toBe('/list/0')
  for (const none of ['', 'a', '/~', '/~2']) expect(parsePointer(none), none).toBeUndefined()
})
