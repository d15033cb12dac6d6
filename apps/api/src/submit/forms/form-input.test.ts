import { manifestSchema, problemSchema } from '@millrace/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { createFixture } from '../../app.fixture.ts'

const file = { type: 'string', format: 'file', contentMediaType: '*/*' }
const input_schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    text: { type: 'string' },
    count: { type: 'integer', minimum: 1 },
    ratio: { anyOf: [{ type: 'number' }, { type: 'null' }] },
    fast: { type: 'boolean' },
    lang: { $ref: '#/$defs/lang' },
    size: { enum: [256, 512] },
    steps: { allOf: [{ $ref: '#/$defs/steps' }], default: 1 },
    /** As a Python convention says it. */
    n: { type: ['integer', 'string', 'boolean'], maximum: 5, 'x-number-text': { reads: 'whole', maximum: 5 } },
    either: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
    tags: { type: 'array', items: { type: 'string' } },
    numbers: { anyOf: [{ type: 'array', items: { type: 'number' } }, { type: 'null' }] },
    grid: { type: 'array', items: { type: 'array', items: { type: 'integer' } } },
    options: { type: 'object', properties: { deep: { type: 'integer' } } },
    any: {},
    input: { type: 'string' },
    image: file,
    maybe: { anyOf: [file, { type: 'null' }] },
    pages: { type: 'array', items: { $ref: '#/$defs/page' } },
    default: file,
  },
  $defs: { lang: { enum: ['eng', 'deu'] }, steps: { type: 'integer' }, page: file },
}

async function open(properties: object = {}) {
  const schema = { ...input_schema, properties: { ...input_schema.properties, ...properties } }
  const manifest = manifestSchema.parse({ name: 'm', version: '1', input_schema: schema, output_schema: {} })
  const api = await createFixture({ models: { get: async () => ({ manifest }) } as never })
  onTestFinished(() => api.close())
  const post = async (body: FormData | string, headers: Record<string, string> = {}) => {
    const answer = await (await api.app.request('/v1/models/m/jobs', { method: 'POST', body, headers })).json()
    const [job] = api.submitted.splice(0)
    if (!job) return problemSchema.parse(answer)
    const { value, files } = job.input
    return { ...job, input: JSON.parse('inline' in value ? value.inline : '') as Record<string, unknown>, files }
  }
  return { ...api, post }
}

type Fields = [name: string, value: string | Blob][]

function multipart(fields: Fields): FormData {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  return form
}
const urlencoded = (fields: Fields): string => new URLSearchParams(fields as [string, string][]).toString()
const URLENCODED = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }

const steps = 1
test.each<[Fields, Record<string, unknown>]>([
  [[['text', 'hello']], { text: 'hello' }],
  [[['text', '12']], { text: '12' }],
  [[['text', 'null']], { text: 'null' }],
  [[['text', '"quoted" & +plus=ü']], { text: '"quoted" & +plus=ü' }],
  [[['text', '']], { text: '' }],
  [[['count', '7']], { count: 7 }],
  [[['count', ' +07 ']], { count: 7 }],
  [[['count', '7.0']], { count: 7 }],
  [[['ratio', '-1.5e3']], { ratio: -1500 }],
  [[['ratio', '.5']], { ratio: 0.5 }],
  [[['ratio', 'null']], { ratio: null }],
  [[['fast', 'true']], { fast: true }],
  [[['fast', 'False']], { fast: false }],
  [[['fast', 'on']], { fast: true }],
  [[['lang', 'deu']], { lang: 'deu' }],
  [[['size', '512']], { size: 512 }],
  [[['steps', '3']], { steps: 3 }],
  [[['n', '3']], { n: 3 }],
  [[['n', '3.0']], { n: 3 }],
  [[['either', '5']], { either: 5 }],
  [[['either', 'x']], { either: 'x' }],
  [[['tags', 'a']], { tags: ['a'] }],
  [
    [
      ['tags', 'a'],
      ['text', 't'],
      ['tags', '[draft]'],
    ],
    { text: 't', tags: ['a', '[draft]'] },
  ],
  [[['tags', '["a","b"]']], { tags: ['a', 'b'] }],
  [
    [
      ['tags', '["a","b"]'],
      ['tags', 'c'],
    ],
    { tags: ['a', 'b', 'c'] },
  ],
  [
    [
      ['tags[]', 'a'],
      ['tags[]', 'b'],
    ],
    { tags: ['a', 'b'] },
  ],
  [
    [
      ['numbers', '1'],
      ['numbers', '2.5'],
    ],
    { numbers: [1, 2.5] },
  ],
  [[['numbers', '1']], { numbers: [1] }],
  [[['numbers', '[1,2]']], { numbers: [1, 2] }],
  [[['numbers', 'null']], { numbers: null }],
  [
    [
      ['grid', '[1,2]'],
      ['grid', '[3]'],
    ],
    { grid: [[1, 2], [3]] },
  ],
  [[['grid', '[[1,2],[3]]']], { grid: [[1, 2], [3]] }],
  [[['options', '{"deep":1}']], { options: { deep: 1 } }],
  [
    [
      ['/options/deep', '5'],
      ['/tags/1', 'b'],
      ['/tags/0', 'a'],
    ],
    { options: { deep: 5 }, tags: ['a', 'b'] },
  ],
  [[['any', '{"a":[1]}']], { any: { a: [1] } }],
  [[['any', '5']], { any: 5 }],
  [[['any', 'hello']], { any: 'hello' }],
  [
    [
      ['any', 'a'],
      ['any', '2'],
    ],
    { any: ['a', 2] },
  ],
  [[['input', 'hello']], { input: 'hello' }],
  [
    [
      ['input', '{"text":"t"}'],
      ['count', '2'],
    ],
    { text: 't', count: 2 },
  ],
  [
    [
      ['input', '{"tags":["a"]}'],
      ['tags', 'b'],
    ],
    { tags: ['a', 'b'] },
  ],
  [[['image', 'data:text/plain,x']], { image: null }],
])('a form with %j is the input %j', async (fields, input) => {
  const { post } = await open()
  expect(await post(multipart(fields))).toMatchObject({ input: { steps, ...input } })
  expect(await post(urlencoded(fields), URLENCODED)).toMatchObject({ input: { steps, ...input } })
})

test.each<[Fields, string, string]>([
  [
    [
      ['text', 'a'],
      ['text', 'b'],
    ],
    '/input/text',
    'repeated',
  ],
  [[['count', 'lots']], '/input/count', 'type'],
  [[['count', '0']], '/input/count', 'minimum'],
  [[['count', '0x10']], '/input/count', 'type'],
  [[['count', '7.5']], '/input/count', 'type'],
  [[['ratio', '']], '/input/ratio', 'type'],
  [[['fast', 'maybe']], '/input/fast', 'type'],
  [[['lang', 'fra']], '/input/lang', 'enum'],
  [[['n', 'lots']], '/input/n', 'type'],
  [[['n', '6']], '/input/n', 'maximum'],
  [
    [
      ['numbers', '1'],
      ['numbers', 'x'],
    ],
    '/input/numbers/1',
    'type',
  ],
  [[['options', 'x']], '/input/options', 'type'],
  [[['unknown', 'x']], '/input/unknown', 'additionalProperties'],
  [[['/options/__proto__', '1']], '/input/options/__proto__', 'reserved_key'],
  [[['any', '{"__proto__":1}']], '/input/any/__proto__', 'reserved_key'],
  [[['ratio', '1e400']], '/input/ratio', 'lossy_number'],
  [[['count', '9007199254740993']], '/input/count', 'lossy_number'],
  [
    [
      ['input', '{"text":"t"}'],
      ['text', 'u'],
    ],
    '/input/text',
    'file',
  ],
  [[['timeout', 'soon']], '/timeout', 'invalid_type'],
])('a form with %j is refused at %s for its %s', async (fields, path, code) => {
  const { post } = await open()
  for (const answer of [await post(multipart(fields)), await post(urlencoded(fields), URLENCODED)]) {
    expect(answer).toMatchObject({
      errors: expect.arrayContaining([expect.objectContaining({ path, code })]) as unknown,
    })
  }
})

const blob = (text: string) => new File([text], `${text}.txt`, { type: 'text/plain' })
const filesOf = (job: unknown) =>
  (job as { files: { pointer: string; name: string }[] }).files.map(({ pointer, name }) => `${pointer} ${name}`)

test.each<[string, Fields, string[]]>([
  [
    'repeated',
    [
      ['pages', blob('a')],
      ['text', 't'],
      ['pages', blob('b')],
    ],
    ['/pages/0 a.txt', '/pages/1 b.txt'],
  ],
  ['one of a list', [['pages', blob('a')]], ['/pages/0 a.txt']],
  [
    'with brackets',
    [
      ['pages[]', blob('a')],
      ['pages[]', blob('b')],
    ],
    ['/pages/0 a.txt', '/pages/1 b.txt'],
  ],
  [
    'beside one by its place',
    [
      ['/pages/1', blob('b')],
      ['pages', blob('a')],
    ],
    ['/pages/1 b.txt', '/pages/0 a.txt'],
  ],
  [
    'after those of the JSON part',
    [
      ['input', '{"pages":["data:text/plain,x"]}'],
      ['pages', blob('a')],
    ],
    ['/pages/1 a.txt', '/pages/0 file-1.txt'],
  ],
  ['under a name that is a keyword', [['default', blob('a')]], ['/default a.txt']],
  ['that may be null', [['maybe', blob('a')]], ['/maybe a.txt']],
  [
    'named by address among others',
    [
      ['pages', 'data:text/plain,x'],
      ['pages', blob('a')],
    ],
    ['/pages/1 a.txt', '/pages/0 file-1.txt'],
  ],
])('files that are %s find their places', async (_, fields, pointers) => {
  const { post } = await open()
  const job = await post(multipart(fields))
  expect(filesOf(job).map((one) => one.replace(/file-\d\S*/, 'file-1.txt'))).toEqual(pointers)
  expect(Object.keys((job as { input: object }).input)).toContain(pointers[0]?.split('/')[1]?.split(' ')[0])
})

test('a field of files in which a browser chose none is not there; bytes without a name are a file', async () => {
  const { post } = await open()
  const part = (bytes: string) =>
    `--e\r\ncontent-disposition: form-data; name="image"; filename=""\r\ncontent-type: application/octet-stream\r\n\r\n${bytes}\r\n--e--\r\n`
  const sent = { 'content-type': 'multipart/form-data; boundary=e' }
  expect(await post(part(''), sent)).toMatchObject({ input: { steps }, files: [] })
  expect(filesOf(await post(part('x'), sent))).toHaveLength(1)
  expect(filesOf(await post(part('x'.repeat(300_000)), sent))).toHaveLength(1)
})

test('a file twice where one belongs is refused, with nothing left in the store', async () => {
  const { post, storedKeys } = await open()
  const twice = multipart([
    ['image', blob('a')],
    ['image', blob('b')],
  ])
  expect(await post(twice)).toMatchObject({ code: 'invalid_input', errors: [{ path: '/input/image' }] })
  expect(await storedKeys()).toEqual([])
})

test('a model with a file named input takes it as a part of that name', async () => {
  const { post } = await open({ input: file })
  expect(filesOf(await post(multipart([['input', blob('a')]])))).toEqual(['/input a.txt'])
  const json = new File(['{"text":"t"}'], 'input.json', { type: 'application/json' })
  expect(await post(multipart([['input', json]]))).toMatchObject({ input: { text: 't' } })
})

test('a part of the type of JSON is JSON, and a part may be sent with the fields of a request', async () => {
  const { post } = await open({ version: { type: 'string' } })
  const body = ['options', '{"deep":2}', 'application/json', 'text', '12', 'text/plain'] as const
  const part = (name: string, value: string, type: string) =>
    `--e\r\ncontent-disposition: form-data; name="${name}"\r\ncontent-type: ${type}\r\n\r\n${value}\r\n`
  const text = `${part(body[0], body[1], body[2])}${part(body[3], body[4], body[5])}--e--\r\n`
  const typed = await post(text, { 'content-type': 'multipart/form-data; boundary=e' })
  expect(typed).toMatchObject({ input: { options: { deep: 2 }, text: '12' } })
  const fields: Fields = [
    ['text', 't'],
    ['priority', 'high'],
    ['metadata', '{"a":"b"}'],
    ['timeout', '5'],
    ['/version', '3'],
  ]
  for (const job of [await post(multipart(fields)), await post(urlencoded(fields), URLENCODED)]) {
    expect(job).toMatchObject({
      priority: 'high',
      metadata: { a: 'b' },
      timeoutSeconds: 5,
      input: { text: 't', version: '3' },
    })
  }
})

test.each([
  ['{"input":{"text":"t"}}', 'unsupported_media_type'],
  ['text=%ff', 'invalid_utf8'],
  ['text=%zz', 'invalid_utf8'],
  ['any=1&'.repeat(1001), 'json_too_large'],
  ['input=%7B', 'malformed_json'],
  [`any=${'['.repeat(40)}`, 'json_too_deep'],
])('an urlencoded body %j is answered with %s', async (body, code) => {
  const { post } = await open()
  expect((await post(body, URLENCODED)) as { code?: string }).toHaveProperty('code', code)
})

test('a form without fields is an input without any, and a name without a value an empty text', async () => {
  const { post } = await open()
  expect(await post('', URLENCODED)).toMatchObject({ input: { steps } })
  expect(await post('text&', URLENCODED)).toMatchObject({ input: { text: '' } })
})

test('texts of a form are bounded together', async () => {
  const { post } = await open()
  const large = multipart([1, 2, 3].map((n) => [`/any/${n}`, 'x'.repeat(400_000)]))
  expect(await post(large)).toMatchObject({ code: 'body_too_large' })
})
