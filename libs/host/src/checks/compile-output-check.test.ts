import { file } from '@millrace/model'
import { expect, test } from 'vitest'
import { compileOutputCheck } from './compile-output-check.ts'

const fileAt = (pointer: string, content_type = 'image/png') => ({ pointer, path: 'x', name: 'x', content_type })
const image = { format: 'file', contentMediaType: 'image/*', type: 'object' }

const check = compileOutputCheck({
  type: 'object',
  properties: {
    text: { type: 'string' },
    page: image,
    extra: { anyOf: [image, { type: 'null' }] },
    all: { type: 'array', items: image },
    format: { type: 'string' },
  },
  required: ['text'],
  additionalProperties: false,
})

test('an answer that fits passes, and is left as it was', async () => {
  const output = { text: 'a', page: null, extra: null, all: [null, null], format: 'file' }
  expect(await check(output, [fileAt('/page'), fileAt('/all/0'), fileAt('/all/1')])).toBeUndefined()
  expect(output).toEqual({ text: 'a', page: null, extra: null, all: [null, null], format: 'file' })
})

test('a wrong value is named by its place, without its content', async () => {
  expect(await check({ text: 42 }, [])).toEqual({ pointer: '/text', message: 'must be string' })
  expect((await check({ text: 'a', secret: 1 }, []))?.message).toBe('must NOT have additional properties')
  expect((await check(null, []))?.pointer).toBe('')
})

test('a file must be where the schema wants one', async () => {
  expect(await check({ text: 'a', page: null }, [])).toEqual({ pointer: '/page', message: 'must be a file (image/*)' })
  expect((await check({ text: null }, [fileAt('/text')]))?.pointer).toBe('/text')
})

test('the media type of a file is compared loosely', async () => {
  const pass = async (type: string) => (await check({ text: 'a', page: null }, [fileAt('/page', type)])) === undefined
  expect(await pass('IMAGE/PNG; q=1')).toBe(true)
  expect(await pass('application/octet-stream')).toBe(true)
  expect(await pass('application/pdf')).toBe(false)
})

test.each(['/page/deeper', '/nowhere', 'page', '/__proto__', '/text', '/all/7'])(
  'a file at %j has no place',
  async (pointer) => {
    const fault = await check({ text: 'a', page: null, all: [] }, [fileAt(pointer)])
    expect(fault).toEqual({ pointer, message: 'there is no free place for a file here' })
  },
)

test('two files cannot share a place', async () => {
  expect((await check({ text: 'a', page: null }, [fileAt('/page'), fileAt('/page')]))?.pointer).toBe('/page')
})

test('an answer can be a file and nothing else', async () => {
  const alone = compileOutputCheck(image)
  expect(await alone(null, [fileAt('')])).toBeUndefined()
  expect((await alone(null, []))?.message).toBe('must be a file (image/*)')
})

test('a property may have the name of a keyword', async () => {
  const odd = compileOutputCheck({
    type: 'object',
    properties: { default: image, const: image },
    required: ['default'],
  })
  expect(await odd({ default: null, const: null }, [fileAt('/default'), fileAt('/const')])).toBeUndefined()
})

test('the schema that file() writes is understood', async () => {
  const { format, contentMediaType } = file('image/*').meta() as Record<string, string>
  const check = compileOutputCheck({ format, contentMediaType })
  expect(await check(null, [fileAt('')])).toBeUndefined()
})

test('a schema that cannot be used says so when it is compiled', async () => {
  await expect(compileOutputCheck({ type: 'nonsense' }).prepare()).rejects.toThrow("the output schema can't be used")
})

test('fields named like what objects inherit are there when they are given, and only then', async () => {
  const properties = { constructor: { type: 'string' }, toString: { type: 'string' } }
  const check = compileOutputCheck({ type: 'object', properties, required: ['constructor'] })
  expect(await check({ constructor: 'x' }, [])).toBeUndefined()
  expect(await check({}, [])).toMatchObject({ pointer: '' })
  expect(await check({ constructor: 1 }, [])).toMatchObject({ pointer: '/constructor' })
})
