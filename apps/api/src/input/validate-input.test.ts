import { type Fault, type Manifest, manifestSchema, ProblemError } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { validateInput } from './validate-input.ts'

const manifestOf = (input_schema: Record<string, unknown>): Manifest =>
  manifestSchema.parse({ name: 'm', version: '1', input_schema, output_schema: {} })

const object = (properties: Record<string, unknown>, more = {}) => manifestOf({ type: 'object', properties, ...more })

const check = async (manifest: Manifest, input: Record<string, unknown>, nodes = 10) => {
  const { places } = await validateInput({
    manifest,
    kind: 'prediction',
    input,
    nodes,
    partType: (text) => (text === 'PART' ? 'image/png' : undefined),
  })
  return places
}

async function faultsOf(manifest: Manifest, input: Record<string, unknown>, nodes?: number): Promise<Fault[]> {
  try {
    await check(manifest, input, nodes)
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'invalid_input') return error.options.errors ?? []
    throw error
  }
  return []
}

test('defaults are filled in place and nothing is coerced', async () => {
  const manifest = object({ n: { type: 'integer', default: 3 }, deep: { properties: { s: { default: 'x' } } } })
  const input = { deep: {} }
  await check(manifest, input)
  expect(input).toEqual({ n: 3, deep: { s: 'x' } })
  expect(await faultsOf(manifest, { n: '3' })).toEqual([{ path: '/input/n', code: 'type', message: 'must be integer' }])
})

test('every fault of a small input is told, the first of a large one', async () => {
  const manifest = object({ a: { type: 'number' }, 'b/c': { enum: [1, 2] }, d: {} }, { required: ['d'] })
  const input = { a: 'x', 'b/c': 3, e: 1 }
  expect(await faultsOf(manifest, input)).toEqual(
    expect.arrayContaining([
      { path: '/input/d', code: 'required', message: 'is required' },
      { path: '/input/e', code: 'additionalProperties', message: 'is not known to this model' },
      { path: '/input/a', code: 'type', message: 'must be number' },
      { path: '/input/b~1c', code: 'enum', message: 'must be one of [1,2]' },
    ]),
  )
  expect(await faultsOf(manifest, input, 5000)).toHaveLength(1)
})

test('unknown keys are refused at the top, also where the schema is composed', async () => {
  expect(await faultsOf(object({ a: {} }), { b: 1 })).toMatchObject([{ path: '/input/b' }])
  const composed = object({ a: {} }, { allOf: [{ properties: { b: {} } }] })
  expect(await faultsOf(composed, { a: 1, b: 1 })).toEqual([])
  expect(await faultsOf(composed, { c: 1 })).toMatchObject([{ path: '/input/c', code: 'unevaluatedProperties' }])
  expect(await faultsOf(object({ a: {} }, { additionalProperties: true }), { b: 1 })).toEqual([])
})

test('the places of files are found through references, unions, arrays and tuples', async () => {
  const file = { format: 'file', contentMediaType: 'image/*' }
  const manifest = object(
    {
      one: { anyOf: [file, { type: 'null' }] },
      none: { anyOf: [file, { type: 'null' }] },
      many: { type: 'array', items: { $ref: '#/$defs/page' } },
      map: { additionalProperties: { ...file, type: 'string' } },
      either: { oneOf: [file, { format: 'file', contentMediaType: 'audio/*' }] },
    },
    { $defs: { page: { properties: { image: file } } } },
  )
  const input = {
    one: 'PART',
    none: null,
    many: [{}, { image: 'data:image/png;base64,AAAA' }],
    map: { 'a/b': 'PART' },
    either: 'data:audio/wav,x',
  }
  expect([...(await check(manifest, input)).keys()].sort()).toEqual(['/either', '/many/1/image', '/map/a~1b', '/one'])
})

test('what is no file, or of a wrong type, is refused at a file place', async () => {
  const manifest = object({ image: { format: 'file', contentMediaType: 'image/png, image/jpeg' } })
  for (const image of [
    'text',
    1,
    null,
    {},
    'file_1',
    'http://a/b',
    'HTTPS://a/b',
    'data:text/plain,a',
    'data:nothing',
  ]) {
    expect(await faultsOf(manifest, { image }), JSON.stringify(image)).toMatchObject([
      { path: '/input/image', code: 'file' },
    ])
  }
  expect(await faultsOf(manifest, { image: 'data:image/jpeg,a' })).toEqual([])
  expect(await faultsOf(object({ any: { format: 'file' } }), { any: 'data:text/html,a' })).toEqual([])
})

test('a pattern that would backtrack without end is matched at once', async () => {
  const manifest = object({ text: { type: 'string', pattern: '^(a+)+$' } })
  expect(await faultsOf(manifest, { text: 'aaaa' })).toEqual([])
  const started = performance.now()
  expect(await faultsOf(manifest, { text: `${'a'.repeat(60)}b` })).toMatchObject([
    { path: '/input/text', code: 'pattern' },
  ])
  expect(performance.now() - started).toBeLessThan(500)
})

test('a pattern that can only be matched by backtracking is given up, with word of it for its author', async () => {
  const manifest = object({ text: { type: 'string', pattern: '^(a+)+\\1b$' } })
  expect(await faultsOf(manifest, { text: 'aaab' })).toEqual([])
  const refused = check(manifest, { text: `${'a'.repeat(60)}c` })
  await expect(refused).rejects.toMatchObject({ code: 'input_too_costly', status: 422 })
  await expect(refused).rejects.toThrow('the pattern ^(a+)+\\1b$ can take very long')
})

test('thousands of wrong values and unknown keys cost little and are told briefly', async () => {
  const manifest = object({ list: { items: { oneOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'null' }] } } })
  const started = performance.now()
  expect(
    (await faultsOf(manifest, { list: Array.from({ length: 9000 }, () => 'x') }, 9002)).length,
  ).toBeLessThanOrEqual(20)
  const keys = Object.fromEntries(Array.from({ length: 9000 }, (_, i) => [`${'k'.repeat(100)}${i}`, 1]))
  expect(JSON.stringify(await faultsOf(manifest, keys, 9001)).length).toBeLessThan(10_000)
  expect(performance.now() - started).toBeLessThan(500)
})

test('files are found under names that are keywords, and in any branch of a choice', async () => {
  const file = { format: 'file', contentMediaType: 'image/*' }
  const names = ['default', 'const', 'enum', 'examples', 'properties', '$ref', 'format', 'anyOf', 'items', '$defs']
  const text = { type: 'string' }
  const manifest = object(
    {
      ...Object.fromEntries(names.map((name) => [name, file])),
      either: { anyOf: [text, { $ref: '#/$defs/maybe' }] },
      properties_of: { properties: { format: { const: 'file' } } },
      plain: { default: { format: 'file' } },
    },
    { $defs: { maybe: { anyOf: [{ type: 'null' }, file] } } },
  )
  const input = {
    ...Object.fromEntries(names.map((name) => [name, 'PART'])),
    either: 'PART',
    properties_of: { format: 'file' },
    plain: 'PART',
  }
  expect([...(await check(manifest, input)).keys()].sort()).toEqual(
    [...names, 'either'].map((name) => `/${name}`).sort(),
  )
  expect([...(await check(manifest, { either: 'words' })).keys()]).toEqual([])
})
