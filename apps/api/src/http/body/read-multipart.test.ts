import { ProblemError } from '@millrace/contracts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFixture } from '../../app.fixture.ts'

type Fixture = Awaited<ReturnType<typeof createFixture>>
let api: Fixture

beforeEach(async () => {
  api = await createFixture()
})
afterEach(() => api.close())

const BOUNDARY = 'edge'
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`

const part = (name: string, content: string, more = '') =>
  `--${BOUNDARY}\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n${content}\r\n`
/** Of a type whose files have no signature, unless told otherwise. */
const file = (name: string, content: string, type = 'image/x-raw', fileName = 'a.raw') =>
  part(name, content, `; filename="${fileName}"\r\ncontent-type: ${type}`)
const END = `--${BOUNDARY}--\r\n`
const PNG = Buffer.from('\x89PNG\r\n\x1a\npixels', 'latin1')

const post = (body: string | Uint8Array<ArrayBuffer> | FormData | ReadableStream, headers?: Record<string, string>) =>
  api.app.request('/v1/models/ocr/jobs', {
    method: 'POST',
    body,
    headers: headers ?? (body instanceof FormData ? {} : { 'content-type': TYPE }),
    duplex: 'half',
  } as RequestInit)

const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code

test('a form as browsers and clients send it becomes a job with its file in the store', async () => {
  const form = new FormData()
  form.set('image', new Blob([PNG], { type: 'image/png' }), '../../scan 1.png')
  form.set('input', JSON.stringify({ text: 'ünïcode' }))
  form.set('priority', 'high')
  form.set('timeout', '12.5')
  form.set('metadata', '{"a":"b"}')
  const response = await post(form)
  expect(response.status).toBe(202)
  const [job] = api.submitted
  expect(job).toMatchObject({ priority: 'high', timeoutSeconds: 12.5, metadata: { a: 'b' } })
  expect(JSON.parse((job!.input.value as { inline: string }).inline)).toEqual({
    image: null,
    text: 'ünïcode',
    lang: 'eng',
  })
  expect(job?.input.files).toMatchObject([
    { pointer: '/image', name: 'scan-1.png', content_type: 'image/png', size: PNG.length },
  ])
  const [image] = job?.input.files ?? []
  const stored = await api.objects.get(image && 'key' in image ? image.key : '')
  expect(Buffer.concat(await stored.toArray()).equals(PNG)).toBe(true)
})

test('files find their places in arrays in whatever order they come', async () => {
  const order = [10, 2, 0, 1, 3, 4, 5, 6, 7, 8, 9]
  const body = order.map((i) => file(`/pages/${i}`, `page ${i}`)).join('') + END
  expect((await post(body)).status).toBe(202)
  const [job] = api.submitted
  expect(JSON.parse((job!.input.value as { inline: string }).inline).pages).toEqual(order.map(() => null))
  expect(job?.input.files.map(({ pointer }) => pointer)).toEqual(order.map((i) => `/pages/${i}`))
})

test('a file without a declared type gets that of its name', async () => {
  expect((await post(Buffer.from(part('image', '\xff\xd8\xff', '; filename="scan.JPG"') + END, 'latin1'))).status).toBe(
    202,
  )
  expect(api.submitted[0]?.input.files).toMatchObject([{ content_type: 'image/jpeg' }])
})

test('equal bodies hash alike in whatever order their parts come', async () => {
  const headers = { 'content-type': TYPE, 'idempotency-key': 'k' }
  const [a, b, input] = [file('/pages/0', 'one'), file('/pages/1', 'two'), part('input', '{"text":"t"}')]
  await post(a + b + input + END, headers)
  await post(input + b + a + END, headers)
  await post(input + file('/pages/1', 'TWO') + a + END, headers)
  const hashes = api.submitted.map((job) => job.idempotency?.bodyHash)
  expect(hashes[0]).toBe(hashes[1])
  expect(hashes[0]).not.toBe(hashes[2])
})

describe('a body is refused, and nothing of it stays, when', () => {
  const good = file('image', 'pixels')
  const cases: [string, string | Uint8Array<ArrayBuffer>, string][] = [
    ['it is cut off in a file', `${good}${file('/pages/0', 'more').slice(0, -3)}`, 'malformed_multipart'],
    ['its end is missing', good, 'malformed_multipart'],
    ['it is empty', '', 'malformed_multipart'],
    ['it is no multipart at all', 'hello', 'malformed_multipart'],
    ['its input is no JSON', good + part('input', '{') + END, 'malformed_json'],
    ['its input is nested too deeply', good + part('input', '['.repeat(40)) + END, 'json_too_deep'],
    ['its input is no UTF-8', Buffer.from(good + part('input', '"\xff"') + END, 'latin1'), 'invalid_utf8'],
    ['its input comes twice', good + part('input', '{}') + part('input', '{}') + END, 'malformed_multipart'],
    ['its input does not fit', good + part('input', '{"text":1}') + END, 'invalid_input'],
    ['its input is over 1 MB', good + part('input', 'a'.repeat(1024 * 1024 + 1)) + END, 'body_too_large'],
    ['it is over the limit', good + file('/pages/0', 'a'.repeat(5 * 1024 * 1024)) + END, 'body_too_large'],
    ['a field is unknown', good + part('other', 'eng') + END, 'invalid_input'],
    ['a number is none', good + part('timeout', '1e9x') + END, 'invalid_request'],
    ['a file has no place in the schema', good + file('other', 'x') + END, 'invalid_input'],
    ['a file is where text belongs', good + file('text', 'x') + END, 'invalid_input'],
    ['a file is of a wrong type', good + file('/pages/0', 'x', 'audio/wav') + END, 'invalid_input'],
    ['a file comes twice', good + good + END, 'invalid_input'],
    ['a place is taken', good + part('input', '{"image":"data:image/x-raw,a"}') + END, 'invalid_input'],
    ['an array has a gap', good + file('/pages/1', 'x') + END, 'invalid_input'],
    ['a pointer names a prototype', good + file('/__proto__/x', 'x') + END, 'reserved_key'],
    [
      'a part has no name',
      `${good}--edge\r\ncontent-disposition: form-data; filename="a"\r\n\r\nx\r\n${END}`,
      'malformed_multipart',
    ],
    [
      'it has more than a thousand parts',
      Array.from({ length: 1001 }, (_, i) => file(`/pages/${i}`, '')).join('') + END,
      'malformed_multipart',
    ],
  ]
  test.each(cases)('%s', async (_, body, code) => {
    expect(await codeOf(await post(body))).toBe(code)
    expect(api.submitted).toEqual([])
    expect(await api.storedKeys()).toEqual([])
  })

  test('its boundary is missing', async () => {
    expect(await codeOf(await post('x', { 'content-type': 'multipart/form-data' }))).toBe('malformed_multipart')
  })

  test('its client goes away', async () => {
    let pulls = 0
    const body = new ReadableStream({
      pull: (out) => {
        if (pulls++ === 0) out.enqueue(Buffer.from(good + file('/pages/0', 'x'.repeat(100_000)).slice(0, 90_000)))
        else out.error(new Error('connection reset'))
      },
    })
    expect(await codeOf(await post(body))).toBe('malformed_multipart')
    expect(await api.storedKeys()).toEqual([])
  })

  test('a text claims to be an uploaded part', async () => {
    const body = good + part('input', `{"pages":["${'0'.repeat(32)}:file_x"]}`) + END
    expect(await codeOf(await post(body))).toBe('invalid_input')
  })
})

test('the first fault of the object store is what is answered', async () => {
  const put = api.objects.put.bind(api.objects)
  let puts = 0
  api.objects.put = (key, body, options) =>
    ++puts === 2 ? Promise.reject(new ProblemError('unavailable')) : put(key, body, options)
  const body = file('image', 'x') + file('/pages/0', 'y'.repeat(500_000), 'image/x-raw', 'b.raw') + END
  expect(await codeOf(await post(body))).toBe('unavailable')
  expect(await api.storedKeys()).toEqual([])
})

test.each([
  [`filename="фото 🎉.png"`, 'file-0.png'],
  [`filename*=UTF-8''%D1%84%D0%BE.png`, 'file-0.png'],
  [`filename*=iso-8859-1'en'caf%E9.png`, 'cafe.png'],
  [`filename="=?UTF-8?B?0YTQvtGC0L4ucG5n?="`, 'file-0.png'],
  [`filename="=?utf-8?q?scan_=C3=A9.png?="`, 'scan-e.png'],
  [`filename="=?no-such?B?YS5wbmc=?= .png"`, 'no-such-B-YS5wbmc-.png'],
  [`filename="..\\..\\CON.png"`, '_CON.png'],
])('a file part keeps its extension and some stem: %s', async (fileName, name) => {
  const body = Buffer.concat([
    Buffer.from(part('image', '', `; ${fileName}`)).subarray(0, -2),
    PNG,
    Buffer.from(`\r\n${END}`),
  ])
  expect((await post(new Uint8Array(body))).status).toBe(202)
  expect(api.submitted[0]?.input.files).toMatchObject([{ name, content_type: 'image/png' }])
})
