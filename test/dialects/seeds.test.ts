/**
 * Those who asked a Python model directly ask Millrace with another address: each exchange that was recorded with the server of DEEPaaS
 * gets the same answer, and so do the HTTP modes of ai_integration, AIGES and InferenceService.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needsTestPython, hasTestPython } from '../python/test-python.ts'
import { until } from '../support/until.ts'
import { clientCalls } from './support/client-calls.ts'
import { type Exchange, exchanges, type SeedStack, startSeedStack } from './support/start-seed-stack.ts'

let seeds: SeedStack
beforeAll(async () => {
  if (hasTestPython) seeds = await startSeedStack()
}, 90_000)
afterAll(() => seeds?.stop())

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)
const picture = () => new Blob([PNG], { type: 'image/png' })
const ask = (path: string, init: RequestInit = {}) => fetch(`${seeds.url}${path}`, { redirect: 'manual', ...init })
const post = (path: string, body: unknown, headers = { 'content-type': 'application/json' }) =>
  ask(path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })

/** What the status, the type and the JSON of an answer are. */
async function told(answer: Promise<Response>): Promise<{ status: number; body: unknown }> {
  const { status, text } = await answer.then(async (got) => ({ status: got.status, text: await got.text() }))
  try {
    return { status, body: JSON.parse(text) }
  } catch {
    return { status, body: text }
  }
}

function formOf(fields: Record<string, string | Blob | string[]>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Blob) form.append(name, value, 'a.png')
    else for (const one of [value].flat()) form.append(name, one)
  }
  return form
}
const send = (path: string, fields: Parameters<typeof formOf>[0]) => ask(path, { method: 'POST', body: formOf(fields) })

describe('DEEPaaS V2', () => {
  needsTestPython()
  const BASE = '/deepaas'
  const V2 = `${BASE}/v2/models/dpm`
  /** What is told otherwise than there; docs/dialects.md gives the reasons. */
  const call = clientCalls({
    platform: 'DEEPaaS V2',
    client: 'recorded exchanges of deepaas',
    version: '2.6.0',
    missing: { 'swagger.json': 'the trainings end with `done`, as they do, and predictions may be any JSON' },
  })
  let uuid = ''

  function bodyOf({ body }: Exchange): string | FormData | undefined {
    if (body === null) return undefined
    if (typeof body === 'string') return body
    if (!Array.isArray(body)) return JSON.stringify(body)
    const pairs = body.map(([name, value]) => [name, value.startsWith('<file') ? picture() : value] as const)
    return formOf(Object.fromEntries(pairs))
  }
  /** With its base path, as `--base-path` has it there, and without what is another one each time. */
  const comparable = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(/"(\/(?:v2\/|api|swagger\.json)[^"]*)"/g, `"${BASE}$1"`)
        .replaceAll(/"(date|finish_date|duration|uuid)":"[^"]*"/g, '"$1":"…"'),
    )

  const same = exchanges.filter(({ verb }) => verb !== 'swagger.json')
  for (const exchange of same) {
    const { verb, method, path, headers, response } = exchange
    call(verb, async () => {
      const place = BASE + path.replace(/[0-9a-f]{32}/, () => uuid)
      const get = () => ask(place, { method, headers, body: bodyOf(exchange) })
      if (verb === 'train get done') {
        const isOver = async () => ((await told(get())).body as { status: string }).status !== 'running'
        await until('the training has ended', isOver)
      }
      const answer = await get()
      const text = await answer.text()
      const isJson = answer.headers.get('content-type')?.startsWith('application/json')
      const body: unknown = isJson ? JSON.parse(text) : text
      if (verb === 'train start') uuid = (body as { uuid: string }).uuid
      const isList = verb === 'models'
      const seen = isList
        ? { models: (body as { models: { id: string }[] }).models.filter(({ id }) => id === 'dpm') }
        : body
      const location = answer.headers.get('location') ?? undefined
      const got = {
        status: answer.status,
        contentType: answer.headers.get('content-type'),
        location,
        body: comparable(seen),
      }
      const wanted = {
        ...response,
        location: response.location && BASE + response.location,
        body: comparable(response.body),
      }
      // What ours says already has its base path.
      expect(JSON.parse(JSON.stringify(got).replaceAll(`${BASE}${BASE}`, BASE))).toEqual(
        JSON.parse(JSON.stringify(wanted)),
      )
    })
  }

  it('documents its routes as there, but for what docs/dialects.md names', async () => {
    const document = exchanges.find(({ verb }) => verb === 'swagger.json')?.response.body as Record<
      string,
      Record<string, object>
    >
    const { body } = (await told(ask(`${BASE}/swagger.json`))) as { body: typeof document }
    for (const [path, operations] of Object.entries(document.paths ?? {})) {
      const { description: _, ...get } = (operations as { get?: { description?: string } }).get ?? {}
      const wanted = { ...operations, ...('get' in operations && path !== '/v2/debug/' && { get }) }
      expect({ path, operations: body.paths?.[`${BASE}${path.replace(/^\/$/, '')}`] }).toEqual({
        path,
        operations: wanted,
      })
    }
    const { Training, Prediction, ...others } = document.definitions ?? {}
    expect(body.definitions).toMatchObject(others)
    expect([Training, Prediction]).not.toContain(undefined)
  })

  it('prefers the query to a form and to JSON, takes one value for a list, and passes over what it does not know', async () => {
    const both = told(send(`${V2}/predict/?text=query`, { text: 'form', times: '2', nobody: picture() }))
    expect(await both).toEqual({
      status: 200,
      body: { status: 'OK', predictions: { text: 'QUERYQUERY', image: null } },
    })
    const json = told(post(`${V2}/predict/?text=query`, { text: 'json', times: 2, nobody: [1] }))
    expect(await json).toEqual(await both)
    const urlencoded = told(
      post(`${V2}/predict/`, 'text=a&times=3', { 'content-type': 'application/x-www-form-urlencoded' }),
    )
    expect(await urlencoded).toMatchObject({ body: { predictions: { text: 'AAA' } } })
  })

  it('names each argument that is wrong as marshmallow does', async () => {
    const answer = await told(post(`${V2}/predict/`, { text: null, times: 'x' }))
    const body = { text: ['Field may not be null.'], times: ['Not a valid integer.'] }
    expect(answer).toEqual({ status: 422, body })
  })

  it('stops a training that runs, and forgets it', async () => {
    const started = (await told(ask(`${V2}/train/?epochs=60`, { method: 'POST' }))).body as { uuid: string }
    const deleted = await told(ask(`${V2}/train/${started.uuid}`, { method: 'DELETE' }))
    expect(deleted).toMatchObject({ status: 200, body: { uuid: started.uuid, status: 'cancelled' } })
    expect((await ask(`${V2}/train/${started.uuid}`)).status).toBe(404)
    expect(await told(ask(`${V2}/train/`))).toEqual({ status: 200, body: [] })
  })

  it('serves models of every other convention', async () => {
    expect(await told(ask(`${BASE}/v2/models/greeter/predict/?text=ab&times=2`, { method: 'POST' }))).toEqual({
      status: 200,
      body: { status: 'OK', predictions: 'abab' },
    })
    const refused = await told(ask(`${BASE}/v2/models/greeter/predict/?times=9`, { method: 'POST' }))
    const times = ['Must be greater than or equal to 1 and less than or equal to 3.']
    expect(refused).toEqual({ status: 422, body: { text: ['Missing data for required field.'], times } })
  })
})

describe('ai_integration over HTTP', () => {
  needsTestPython()
  const call = clientCalls({ platform: 'ai_integration', client: 'the HTTP mode of ai_integration', version: '1.0.16' })
  const PATH = '/ai_integration/pictures'
  const inputs = (text: string) => [
    { is_img: true, url: `data:image/png;base64,${PNG.toString('base64')}` },
    { is_img: false, url: `data:text/plain;base64,${Buffer.from(text).toString('base64')}` },
  ]
  const result = (text: string, output: unknown, output_url: string | null = null) => ({
    status: 200,
    body: {
      ...{ id: expect.stringMatching(/^job_/), output_url, scale_applied: 1, inputs: inputs(text), output },
      visualizer_data: { boxes: true },
    },
  })

  call('a page with a form', async () => {
    const answer = await ask(`${PATH}/`)
    expect(answer.headers.get('content-type')).toMatch('text/html')
    const text = await answer.text()
    for (const part of ['<form method="post"', 'type="file" name="image"', 'type="text" name="text"'])
      expect(text).toContain(part)
  })
  call('a form with a file and a text', async () => {
    expect(await told(send(PATH, { image: picture(), text: 'hi' }))).toEqual(result('hi', 'HI'))
  })
  call('an output that is JSON', async () => {
    expect(await told(send(`${PATH}/`, { image: picture(), text: 'json' }))).toEqual(
      result('json', { bytes: PNG.length }),
    )
  })
  call('an output that is a picture', async () => {
    const url = `data:image/png;base64,${Buffer.from('\x89PNG\r\n\x1a\n00000000', 'latin1').toString('base64')}`
    expect(await told(send(PATH, { image: picture(), text: 'image' }))).toEqual(result('image', null, url))
  })
  call('an input that is missing', async () => {
    expect(await told(send(PATH, { image: picture() }))).toEqual({ status: 200, body: 'Input not provided: text' })
  })
  call('a model that says no', async () => {
    const err = "{'content-type': 'text/plain', 'data': None, 'success': False, 'error': 'told so'}"
    expect(await told(send(PATH, { image: picture(), text: 'fail' }))).toEqual({ status: 200, body: { err } })
  })

  it('takes a form without files too, and the address of DeepAI', async () => {
    const body = new URLSearchParams({ image: `data:image/png;base64,${PNG.toString('base64')}`, text: 'hi' })
    expect(await told(ask(PATH, { method: 'POST', body }))).toEqual(result('hi', 'HI'))
    expect(await told(send('/deepai/api/pictures', { image: picture(), text: 'hi' }))).toEqual(result('hi', 'HI'))
  })
})

describe('AIGES over HTTP', () => {
  needsTestPython()
  const call = clientCalls({ platform: 'AIGES', client: 'HTTP of an AIGES host, once', version: '2' })
  const PATH = '/aiges/once/v1/private/demo_once'
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const request = (text: string, params: object = {}) => ({
    header: { app_id: 'an app', status: 3 },
    parameter: { demo_once: { lang: 'zh', ...params, result: { encoding: 'utf8', format: 'json' } } },
    payload: {
      text: { encoding: 'utf8', status: 3, text: base64(text) },
      img: { encoding: 'png', status: 3, image: PNG.toString('base64') },
    },
  })

  call('a call', async () => {
    const answer = await told(post(PATH, request('hello', { top: 3, upper: true })))
    const { header, payload } = answer.body as {
      header: object
      payload: { result: { text: string }; thumb: { image: string } }
    }
    expect(header).toEqual({ code: 0, message: 'success', sid: expect.stringMatching(/^job_/), status: 3 })
    expect(payload.result).toMatchObject({ encoding: 'utf8', format: 'json', seq: '0', status: '3' })
    expect(JSON.parse(payload.result.text)).toMatchObject({
      text: 'HELLO',
      lang: 'zh',
      top: 3,
      img_len: PNG.length,
      img_type: 2,
    })
    expect(payload.thumb).toEqual({ seq: '0', status: '3', image: PNG.subarray(0, 8).toString('base64') })
  })
  call('an error of the wrapper', async () => {
    const header = { code: 10_909, message: 'text too short;code=100', sid: expect.any(String) }
    expect(await told(post(PATH, request('a')))).toEqual({ status: 500, body: { header, payload: null } })
  })
  call('a body that is no JSON', async () => {
    expect(await told(post(PATH, '{'))).toMatchObject({
      status: 500,
      body: { header: { code: 10_000 }, payload: null },
    })
  })
  call('data that is no base64', async () => {
    const body = { payload: { text: { text: '***' } } }
    expect(await told(post('/aiges/once', body))).toMatchObject({ status: 500, body: { header: { code: 10_001 } } })
  })

  it('refuses what the wrapper does not take before there is a job', async () => {
    const refused = await told(post(PATH, request('hello', { lang: 'xx' })))
    expect(refused).toMatchObject({ status: 422, body: { header: { code: 10_107 }, payload: null } })
  })
})

describe('InferenceService', () => {
  needsTestPython()
  const call = clientCalls({ platform: 'InferenceService', client: '/infer and /predict', version: '–' })

  call('POST /infer', async () => {
    expect(await told(post('/inference/dummy/infer', { data: [1, 2, 3] }))).toEqual({
      status: 200,
      body: { prediction: { prediction: 6 } },
    })
  })
  call('POST /predict', async () => {
    const body = [{ score: 3, label: 0 }]
    expect(await told(post('/inference/custom/predict', { data: [[1, 2]] }))).toEqual({ status: 200, body })
  })
  call('a body that is none', async () => {
    for (const body of [{}, { x: 1 }, [1], null]) {
      expect(await told(post('/inference/dummy/infer', body))).toEqual({
        status: 400,
        body: { error: 'Invalid input format' },
      })
    }
    expect((await post('/inference/dummy/infer', '{')).status).toBe(400)
    expect((await post('/inference/dummy/infer', 'data=1', { 'content-type': 'text/plain' })).status).toBe(400)
    expect(await told(post('/inference/custom/infer', { data: [] }))).toEqual({ status: 200, body: { prediction: [] } })
  })
  call('a model that raises', async () => {
    const body = { error: 'RuntimeError: CUDA out of memory', code: 'model_error', job_id: expect.any(String) }
    expect(await told(post('/inference/broken/infer', { data: 1 }))).toEqual({ status: 500, body })
  })
  call('GET', async () => {
    expect((await ask('/inference/dummy/infer')).status).toBe(405)
  })
})

describe('a native submit', () => {
  needsTestPython()
  it.each<[string, Record<string, string | Blob>, unknown]>([
    ['dpm', { text: 'hello' }, { predictions: { text: 'HELLO' } }],
    ['pictures', { text: 'hello', image: picture() }, { data: 'HELLO' }],
    ['once', { text: 'hello', lang: 'en' }, { result: expect.stringContaining('hello') }],
    ['dummy', { data: '[1, 2]' }, { prediction: { prediction: 3 } }],
    ['greeter', { text: 'hello' }, 'hello'],
  ])('takes plain fields of a form, for %s', async (name, fields, output) => {
    const headers = { prefer: 'wait=30' }
    const answer = await told(ask(`/v1/models/${name}/jobs`, { method: 'POST', body: formOf(fields), headers }))
    expect(answer).toMatchObject({ status: 200, body: { status: 'succeeded', output } })
  })
})
