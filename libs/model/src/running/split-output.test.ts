import { describe, expect, it } from 'vitest'
import { InvalidOutputError } from '../model-errors.ts'
import { createModelFile } from '../model-file.ts'
import { splitOutput } from './split-output.ts'

const made = createModelFile({ path: '/x', name: 'x', contentType: 'text/plain', size: 1 })
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
const self: unknown[] = []
self.push(self)

describe('splitOutput', () => {
  it('takes files out of the value and names their places', () => {
    const { value, files } = splitOutput({ a: [made, 1], 'b/~': made, c: undefined, d: new Date(0) })
    expect(value).toEqual({ a: [null, 1], 'b/~': null, d: '1970-01-01T00:00:00.000Z' })
    expect(files.map((file) => file.pointer)).toEqual(['/a/0', '/b~1~0'])
    expect(splitOutput(made)).toEqual({ value: null, files: [{ pointer: '', file: made }] })
  })

  it('takes one object at two places for what it is: no cycle', () => {
    const shared = { x: 1 }
    expect(splitOutput([shared, shared]).value).toEqual([{ x: 1 }, { x: 1 }])
  })

  it.each([
    ['NaN', [Number.NaN]],
    ['infinity', [Number.POSITIVE_INFINITY]],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['undefined in an array', [undefined]],
    ['a cycle', self],
    ['great depth', nested(201)],
    ['a map', new Map()],
    ['a typed array', new Float32Array(2)],
    ['a promise', Promise.resolve(1)],
    ['an error', new RangeError('x')],
    ['an error that would be JSON', Object.assign(new Error('x'), { toJSON: () => 1 })],
    ['a buffer', Buffer.from('x')],
    ['an array buffer', new ArrayBuffer(1)],
    ['an invalid date', new Date(Number.NaN)],
    ['half a surrogate pair', 'x\ud800'],
    ['a place that was never set', Array(2)],
    ['a regular expression', /x/],
    ['a set', new Set()],
    ['a weak map', new WeakMap()],
    ['a boxed number', Object(1)],
    ['an iterator', [1][Symbol.iterator]()],
    ['a generator', (function* () {})()],
    ['a blob', new Blob(['x'])],
    [
      'an object of a class that hides its fields',
      new (class Hidden {
        #x = 1
        get x() {
          return this.#x
        }
      })(),
    ],
    ['a symbol', Symbol('x')],
    ['a toJSON that gives undefined', { toJSON: () => undefined }],
    ['too many files', Array.from({ length: 1001 }, () => made)],
  ])('refuses %s', (_what, value) => {
    expect(() => splitOutput(value)).toThrow(InvalidOutputError)
    // With its place, whatever is around it.
    if (!Array.isArray(value)) expect(() => splitOutput({ a: [value] })).toThrow(/^\/a\/0: /)
  })

  it('names the place of a key that is no text, and of a symbol for a key', () => {
    expect(() => splitOutput({ a: { '\udc00': 1 } })).toThrow('/a: the text holds half')
    expect(() => splitOutput([{ [Symbol('x')]: 1 }])).toThrow('/0: a key is a symbol')
  })

  it('keeps what is JSON, or says that it is, as it is', () => {
    class Point {
      x = 1
      y = [-0]
    }
    const bare = Object.assign(Object.create(null) as object, { z: 1 })
    expect(splitOutput([new Point(), bare, {}, new URL('http://a/'), '😀', 2 ** 60]).value).toEqual([
      ...[{ x: 1, y: [-0] }, { z: 1 }, {}, 'http://a/', '😀', 2 ** 60],
    ])
    expect(Object.keys(splitOutput(JSON.parse('{"__proto__": 1}')).value as object)).toEqual(['__proto__'])
  })
})
