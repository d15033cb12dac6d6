import { type JobRecord, type Problem, problemSchema } from '@millrace/contracts'
import { newJobId, QueueUnavailableError } from '@millrace/queue'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFixture } from './app.fixture.ts'
import { aRecord } from '../../../test/support/a-record.ts'

type Fixture = Awaited<ReturnType<typeof createFixture>>
let api: Fixture

beforeEach(async () => {
  api = await createFixture()
})
afterEach(() => api.close())

type Body = string | Uint8Array<ArrayBuffer> | ReadableStream | FormData | null

const JOBS = '/v1/models/ocr/jobs'
const json = { 'content-type': 'application/json' }

const post = (body: Body, headers: Record<string, string> = json, path = JOBS) =>
  api.app.request(path, { method: 'POST', body, headers, duplex: 'half' } as RequestInit)

async function expectProblem(response: Response, code: Problem['code']): Promise<Problem> {
  const text = await response.text()
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(text.length).toBeLessThan(8192)
  const problem = problemSchema.parse(JSON.parse(text))
  expect(problem.code).toBe(code)
  expect(response.status).toBe(problem.status)
  expect(response.headers.get('x-request-id')).toBe(problem.request_id)
  return problem
}

const nested = (depth: number): string => `{"input":${'['.repeat(depth)}${']'.repeat(depth)}}`
const keys = (count: number): string => Array.from({ length: count }, (_, i) => `"k${i}":1`).join(',')
const bytes = (...values: number[]) => new Uint8Array(values)

describe('a body that cannot be a job', () => {
  const cases: [string, Body, Problem['code']][] = [
    ['is cut off', '{"input":{', 'malformed_json'],
    ['is empty', '', 'malformed_json'],
    ['is nothing', null, 'malformed_json'],
    ['is no object', '[]', 'invalid_request'],
    ['has no input', '{}', 'invalid_request'],
    ['has an array as input', '{"input":[]}', 'invalid_request'],
    ['is nested 10,000 levels deep', nested(10_000), 'json_too_deep'],
    ['is no UTF-8', bytes(0x22, 0xff, 0x22), 'invalid_utf8'],
    ['holds half a surrogate pair', '{"input":{"text":"\\ud800"}}', 'invalid_utf8'],
    ['has 200,000 unknown keys', `{${keys(200_000)}}`.slice(0, 1024 * 1024), 'json_too_large'],
    ['has 9,000 unknown keys', `{"input":{},${keys(9000)}}`, 'invalid_request'],
    ['has 9,000 unknown keys in the input', `{"input":{${keys(9000)}}}`, 'invalid_input'],
    ['has an array of 100,000 wrong values', `{"input":{"numbers":[${'"a",'.repeat(100_000)}1]}}`, 'json_too_large'],
    ['has an array of 9,000 wrong values', `{"input":{"numbers":[${'"a",'.repeat(9000)}1]}}`, 'invalid_input'],
    ['has a wrong type in the input', '{"input":{"text":1}}', 'invalid_input'],
    ['has an unknown key in the input', '{"input":{"txet":"a"}}', 'invalid_input'],
    ['has an unknown field', '{"input":{},"prio":"high"}', 'invalid_request'],
    ['names a prototype in the input', '{"input":{"__proto__":{"a":1}}}', 'reserved_key'],
    ['names a prototype beside the input', '{"input":{},"__proto__":{"a":1}}', 'reserved_key'],
    ['asks for another version', '{"input":{},"version":"2"}', 'version_not_available'],
    ['has a file by an address of this machine', '{"input":{"image":"http://127.0.0.1/a.png"}}', 'invalid_input'],
    ['has a file by an id that is not there', `{"input":{"image":"file_${'0'.repeat(34)}_i0"}}`, 'invalid_input'],
    ['has a file of a wrong type', '{"input":{"image":"data:text/plain,hi"}}', 'invalid_input'],
    ['holds 9,900 files', JSON.stringify({ input: { pages: Array(9900).fill('data:image/png,a') } }), 'invalid_input'],
    [
      'names 9,900 addresses',
      JSON.stringify({ input: { pages: Array(9900).fill('http://a.test/') } }),
      'invalid_input',
    ],
    ['has a file in broken base64', '{"input":{"image":"data:image/png;base64,a%%"}}', 'invalid_input'],
    ['is over the limit', `{"input":{"text":"${'a'.repeat(1024 * 1024)}"}}`, 'body_too_large'],
  ]
  test.each(cases)('is refused when it %s', async (_, body, code) => {
    await expectProblem(await post(body), code)
    expect(api.submitted).toEqual([])
    expect(await api.storedKeys()).toEqual([])
  })

  test('is refused by its announced length before any of it is read', async () => {
    const body = new ReadableStream({ pull: () => Promise.reject(new Error('was read')) })
    await expectProblem(await post(body, { ...json, 'content-length': '2000000' }), 'body_too_large')
  })

  test('is refused while it arrives when it announces no length', async () => {
    let sent = 0
    const body = new ReadableStream({
      pull: (out) => {
        sent += 65_536
        out.enqueue(new Uint8Array(65_536).fill(0x20))
      },
    })
    await expectProblem(await post(body), 'body_too_large')
    expect(sent).toBeLessThan(2 * 1024 * 1024)
  })

  test('names the place of each fault, twenty at most, and never repeats a value', async () => {
    const body = JSON.stringify({ input: { numbers: Array.from({ length: 100 }, () => 'canary') } })
    const problem = await expectProblem(await post(body), 'invalid_input')
    expect(problem.errors).toHaveLength(20)
    expect(problem.errors?.[0]).toEqual({ path: '/input/numbers/0', code: 'type', message: 'must be number' })
    expect(problem.errors_total).toBe(100)
    expect(JSON.stringify(problem)).not.toContain('canary')
    expect(api.lines.join('')).not.toContain('canary')
  })
})

describe('the edge', () => {
  const body = '{"input":{}}'

  test('refuses other content types, bad idempotency keys and unknown models', async () => {
    await expectProblem(await post(body, { 'content-type': 'text/plain' }), 'unsupported_media_type')
    await expectProblem(await post(body, {}), 'unsupported_media_type')
    await expectProblem(await post(body, { ...json, 'idempotency-key': 'a b' }), 'invalid_request')
    await expectProblem(await post(body, json, '/v1/models/other/jobs'), 'model_not_found')
    await expectProblem(await post(body, json, '/v1/models/%ff/jobs'), 'model_not_found')
    expect(api.submitted).toEqual([])
  })

  test('answers 404 for unknown addresses and 405 with Allow for unknown methods', async () => {
    for (const path of ['/', '/v1', '/v1/jobs/', '/v2/jobs', '/v1/jobs/a/b/c']) {
      await expectProblem(await api.app.request(path), 'not_found')
    }
    const response = await api.app.request('/v1/jobs', { method: 'PUT' })
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
    await expectProblem(response, 'method_not_allowed')
    const options = await api.app.request(JOBS, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } })
    expect(options.status).toBe(204)
    expect(options.headers.get('allow')).toBe('POST, OPTIONS')
    expect(options.headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each(['/v1/jobs/x', '/v1/jobs/..%2f..%2fetc', '/v1/jobs/%00', '/v1/jobs/%ff', `/v1/jobs/job_${'0'.repeat(34)}`])(
    'answers that there is no job at %s',
    async (path) => {
      await expectProblem(await api.app.request(path), 'job_not_found')
    },
  )

  test('says nothing of a fault of its own but the request id, and logs it', async () => {
    const secret = new Error('redis://user:password@host')
    api.control.submit = () => Promise.reject(secret)
    const problem = await expectProblem(await post(body, { ...json, 'x-request-id': 'mine-1' }), 'internal')
    expect(problem.request_id).toBe('mine-1')
    expect(JSON.stringify(problem)).not.toContain('redis')
    expect(api.lines.some((line) => line.includes('mine-1') && line.includes('request failed'))).toBe(true)
  })

  test('answers 503 with Retry-After when the store is away, silent or short of memory', async () => {
    api.control.submit = () => Promise.reject(new QueueUnavailableError(new Error('gone')))
    const away = await post(body)
    expect(away.headers.get('retry-after')).toBe('2')
    await expectProblem(away, 'unavailable')

    api.control.submit = () => new Promise(() => undefined)
    const started = performance.now()
    await expectProblem(await post(body), 'unavailable')
    expect(performance.now() - started).toBeLessThan(2900)

    const short = await createFixture({ memoryPressure: () => true })
    await expectProblem(await short.app.request(JOBS, { method: 'POST', body, headers: json }), 'storage_pressure')
    expect(short.submitted).toEqual([])
    // Kept before, perhaps: only the store knows.
    const repeated = { method: 'POST', body, headers: { ...json, 'idempotency-key': 'k' } }
    expect((await short.app.request(JOBS, repeated)).status).toBe(202)
    await short.close()
  })

  test('tells a tenant at its limit from a full queue', async () => {
    api.control.submit = async () => ({ outcome: 'limited', scope: 'tenant', open: 3, limit: 3 })
    const limited = await post(body)
    expect(limited.headers.get('retry-after')).toBe('5')
    await expectProblem(limited, 'tenant_limit')
    api.control.submit = async () => ({ outcome: 'limited', scope: 'model', open: 3, limit: 3 })
    await expectProblem(await post(body), 'queue_full')
    api.control.submit = async () => ({ outcome: 'full' })
    await expectProblem(await post(body), 'storage_pressure')
    api.control.submit = async () => ({ outcome: 'mismatch' })
    await expectProblem(await post(body, { ...json, 'idempotency-key': 'k' }), 'idempotency_mismatch')
  })

  test('stays alive, and unready with its reasons, when Redis is away', async () => {
    const away = await createFixture({ ready: async () => ({ ok: false, reasons: ['Redis is away'] }) })
    expect((await away.app.request('/livez')).status).toBe(200)
    const ready = await away.app.request('/readyz')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toEqual({ status: 'unready', reasons: ['Redis is away'] })
    await away.close()
  })
})

describe('a submit', () => {
  test('is kept, answered with its address, and holds defaults', async () => {
    const response = await post('{"input":{"text":"hi"},"metadata":{"a":"b"}}')
    const job = (await response.json()) as { id: string; input: unknown; urls: { self: string } }
    expect(response.status).toBe(202)
    expect(response.headers.get('location')).toBe(`http://localhost/v1/jobs/${job.id}`)
    expect(response.headers.get('retry-after')).toBe('1')
    expect(job.input).toEqual({ text: 'hi', lang: 'eng' })
    expect(api.submitted).toMatchObject([{ id: job.id, tenant: 'default', metadata: { a: 'b' }, idempotency: null }])
    const read = await api.app.request(job.urls.self)
    const again = await api.app.request(job.urls.self, { headers: { 'if-none-match': read.headers.get('etag') ?? '' } })
    expect([read.status, again.status]).toEqual([200, 304])
    expect(await read.json()).toMatchObject({ id: job.id, queue: { position: 1 } })
  })

  test('stores an input above 32 KB beside the record, and a data: URI as a file', async () => {
    const image = 'data:image/png,%89PNG%0D%0A%1A%0Apixels'
    const response = await post(JSON.stringify({ input: { text: 'a'.repeat(40_000), image } }))
    expect(response.status).toBe(202)
    const [job] = api.submitted
    expect(job?.input.value).toHaveProperty('stored.size')
    expect(job?.input.files).toMatchObject([{ pointer: '/image', content_type: 'image/png', size: 14 }])
    expect(await api.storedKeys()).toHaveLength(2)
  })

  test('leaves no file behind when it is replayed', async () => {
    const record = aRecord({ ...(await submitOne()), id: newJobId('ocr') })
    api.control.submit = async () => ({ outcome: 'replayed', record })
    const before = await api.storedKeys()
    const response = await post('{"input":{"image":"data:image/x,A"}}', { ...json, 'idempotency-key': 'k' })
    expect(response.headers.get('idempotency-replayed')).toBe('true')
    expect(await response.json()).toMatchObject({ id: record.id })
    expect(await api.storedKeys()).toEqual(before)
  })

  test('keeps its files when the store did not answer: the job may have been kept', async () => {
    api.control.submit = () => Promise.reject(new QueueUnavailableError(new Error('gone')))
    await expectProblem(await post(JSON.stringify({ input: { image: 'data:image/x-raw,a' } })), 'unavailable')
    expect(await api.storedKeys()).toHaveLength(1)
  })

  test('with a preference to wait is answered with 200 once the job has ended', async () => {
    const record = aRecord(await submitOne(), { status: 'succeeded', output: { inline: '{"a":1}' } })
    api.control.submit = async () => ({ outcome: 'replayed', record })
    const response = await post('{"input":{}}', { ...json, prefer: 'wait=100' })
    expect(response.status).toBe(200)
    expect(response.headers.get('preference-applied')).toBe('wait=60')
    expect(await response.json()).toMatchObject({ status: 'succeeded', output: { a: 1 } })
  })

  test('hashes equal requests alike and different ones apart', async () => {
    const key = { ...json, 'idempotency-key': 'k' }
    await post('{"input":{"text":"a","lang":"eng"},"priority":"normal"}', key)
    await post('{"input":{"lang":"eng","text":"a"}}', key)
    await post('{"input":{"lang":"deu","text":"a"}}', key)
    const [a, b, c] = api.submitted.map((job) => job.idempotency?.bodyHash)
    expect(a).toBe(b)
    expect(a).not.toBe(c)
  })

  async function submitOne() {
    await post('{"input":{}}')
    const job = api.submitted.at(-1)
    if (!job) throw new Error('nothing was submitted')
    return job
  }
})

describe('reading and purging', () => {
  async function keep(changes: Partial<JobRecord>): Promise<JobRecord> {
    await post('{"input":{}}')
    const record = { ...(api.records.get(api.submitted.at(-1)?.id ?? '') as JobRecord), ...changes }
    api.records.set(record.id, record)
    return record
  }

  test('an output names its files with signed addresses that need no key and send a download', async () => {
    const { id } = await keep({})
    const content = Buffer.from('<script>alert(1)</script>')
    const key = `jobs/default/${id}/out/1-a/0-page.html`
    const { sha256, size } = await api.objects.put(key, content, { contentType: 'text/html' })
    const fileId = `file_${id.slice(4)}_o0`
    const file = { id: fileId, key, size, sha256, pointer: '/pdf', content_type: 'text/html', name: 'page.html' }
    api.records.set(id, {
      ...(api.records.get(id) as JobRecord),
      status: 'succeeded',
      output: { inline: '{"pdf":null,"none":null}' },
      output_files: [file],
    })
    const output = await (await api.app.request(`/v1/jobs/${id}/output`)).json()
    expect(output).toMatchObject({ pdf: { object: 'file', id: fileId, size }, none: null })
    const { url } = (output as { pdf: { url: string } }).pdf

    const locked = await createFixture({
      jobs: api.deps.jobs,
      objects: api.objects,
      config: { ...api.deps.config, apiKey: 'k'.repeat(20) },
    })
    const read = await locked.app.request(url, { headers: { range: 'bytes=1-6' } })
    expect([read.status, await read.text()]).toEqual([206, 'script'])
    expect(read.headers.get('content-disposition')).toBe('attachment; filename="page.html"')
    expect(read.headers.get('content-range')).toBe(`bytes 1-6/${size}`)
    const beyond = await locked.app.request(url, { headers: { range: 'bytes=900-' } })
    expect(beyond.status).toBe(416)
    const head = await locked.app.request(url, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(size)])
    await expectProblem(await locked.app.request(`${url}x`), 'forbidden')
    await expectProblem(await locked.app.request(url.replace(/expires=\d/, 'expires=9')), 'forbidden')
    await expectProblem(await locked.app.request(`/v1/files/${fileId}/content`), 'unauthorized')
    await expectProblem(await locked.app.request(`/v1/files/${fileId}`), 'unauthorized')
    await locked.close()
  })

  test('a large stored output is streamed with its files in place', async () => {
    const { id } = await keep({})
    const key = `jobs/default/${id}/out/1-a/output.json`
    const text = JSON.stringify({ pages: Array.from({ length: 20_000 }, (_, i) => ({ n: i, image: null })) })
    const stored = await api.objects.put(key, Buffer.from(text), { contentType: 'application/json' })
    const file = {
      ...stored,
      id: `file_${id.slice(4)}_o0`,
      pointer: '/pages/19999/image',
      content_type: 'a/b',
      name: 'x',
    }
    api.records.set(id, {
      ...(api.records.get(id) as JobRecord),
      status: 'succeeded',
      output: { stored },
      output_files: [file],
    })
    const answer = await (await api.app.request(`/v1/jobs/${id}/output`)).json()
    const { pages } = answer as { pages: { image: { id: string } | null }[] }
    expect([pages.length, pages[0]?.image, pages[19_999]?.image?.id]).toEqual([20_000, null, file.id])
  })

  test('an output is refused before the end and after a failure', async () => {
    const { id } = await keep({})
    await expectProblem(await api.app.request(`/v1/jobs/${id}/output`), 'job_not_finished')
    await keep({ status: 'failed' })
    await expectProblem(await api.app.request(`/v1/jobs/${api.submitted.at(-1)?.id}/output`), 'job_has_no_output')
  })

  test('a job is purged with its files, then answers 410, and may be purged again', async () => {
    await post(JSON.stringify({ input: { image: 'data:image/x-raw,a' } }))
    const id = api.submitted[0]?.id
    const purge = () => api.app.request(`/v1/jobs/${id}`, { method: 'DELETE' })
    expect((await purge()).status).toBe(204)
    expect(await api.storedKeys()).toEqual([])
    await expectProblem(await api.app.request(`/v1/jobs/${id}`), 'job_purged')
    expect((await purge()).status).toBe(204)
  })

  test('a running job is not purged, and only a failed one is retried', async () => {
    const { id } = await keep({ status: 'running' })
    await expectProblem(await api.app.request(`/v1/jobs/${id}`, { method: 'DELETE' }), 'job_running')
    await expectProblem(await api.app.request(`/v1/jobs/${id}/retry`, { method: 'POST' }), 'job_not_retryable')
    await expectProblem(
      await api.app.request(`/v1/jobs/job_${'0'.repeat(34)}/cancel`, { method: 'POST' }),
      'job_not_found',
    )
  })

  test('a list takes known filters only', async () => {
    await keep({})
    expect(await (await api.app.request('/v1/jobs?limit=1')).json()).toMatchObject({
      object: 'list',
      next_cursor: null,
    })
    for (const query of ['limit=0', 'limit=101', 'status=done', 'model=A', 'colour=red']) {
      await expectProblem(await api.app.request(`/v1/jobs?${query}`), 'invalid_request')
    }
  })
})

describe('who may ask', () => {
  const key = 'correct-horse-battery'

  test('with a key configured, nothing but health, documents and signed files answers without it', async () => {
    const locked = await createFixture({ config: { ...api.deps.config, apiKey: key } })
    const ask = (path: string, authorization?: string) =>
      locked.app.request(path, authorization === undefined ? {} : { headers: { authorization } })
    for (const path of ['/livez', '/readyz', '/openapi.json', '/docs', '/docs/swagger-ui.css']) {
      expect((await ask(path)).status, path).toBe(200)
    }
    for (const path of ['/v1/jobs', '/v1/models', '/metrics', `/v1/jobs/job_${'0'.repeat(34)}`]) {
      const refused = await ask(path)
      expect(refused.headers.get('www-authenticate')).toBe('Bearer')
      await expectProblem(refused, 'unauthorized')
    }
    await expectProblem(await ask('/v1/jobs', `Bearer ${key}x`), 'unauthorized')
    await expectProblem(await ask('/v1/jobs', key), 'unauthorized')
    expect((await ask('/v1/jobs', `bearer ${key}`)).status).toBe(200)
    expect((await ask('/metrics', `Bearer ${key}`)).status).toBe(200)
    await locked.close()
  })

  test('without a key, other hosts and other sites are refused', async () => {
    const ask = (headers: Record<string, string>) => api.app.request('/v1/jobs', { headers })
    expect((await ask({ host: '127.0.0.1:7070' })).status).toBe(200)
    expect((await ask({ host: 'localhost:7070', origin: 'http://localhost:7070' })).status).toBe(200)
    await expectProblem(await ask({ host: 'evil.example' }), 'unauthorized')
    await expectProblem(await ask({ host: 'localhost:7070', origin: 'https://evil.example' }), 'unauthorized')
    await expectProblem(await ask({ host: 'localhost:7070', origin: 'null' }), 'unauthorized')
    await expectProblem(await ask({ host: 'localhost:7070', 'sec-fetch-site': 'cross-site' }), 'unauthorized')
  })

  test('addresses never repeat a foreign Host', async () => {
    const open = await createFixture({ config: { ...api.deps.config, insecure: true } })
    const response = await open.app.request(JOBS, {
      method: 'POST',
      body: '{"input":{}}',
      headers: { ...json, host: 'evil.example' },
    })
    expect(response.headers.get('location')).toMatch(/^\/v1\/jobs\/job_/)
    await open.close()
  })
})

describe('what is told about the service', () => {
  test('metrics count requests by pattern, submits by outcome, and tell the state of models', async () => {
    await post('{"input":{}}')
    await post('{"input":{"text":1}}')
    await api.app.request('/v1/jobs/x')
    await api.app.request('/made/up')
    const text = await (await api.app.request('/metrics')).text()
    expect(text).toContain('millrace_submits_total{model="ocr",outcome="created"} 1')
    expect(text).toContain('millrace_submits_total{model="ocr",outcome="invalid_input"} 1')
    expect(text).toContain('millrace_http_request_seconds_count{method="GET",route="/v1/jobs/{id}",status="404"} 1')
    expect(text).toContain('route="unmatched"')
    expect(text).not.toContain('/made/up')
    expect(text).toContain('millrace_jobs_queued{model="ocr"} 2')
    expect(text).toContain('millrace_jobs_running{model="ocr"} 3')
    expect(text).toContain('millrace_workers{model="ocr"} 1')
    expect(text).toContain('millrace_store_up 1')
  })

  test('the OpenAPI document has every route, its refusals and no dangling reference', async () => {
    const text = await (await api.app.request('/openapi.json')).text()
    const document = JSON.parse(text)
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths)).toContain('/v1/models/{model}/jobs')
    expect(Object.keys(document.paths['/v1/models/{model}/jobs'].post.responses)).toEqual(
      expect.arrayContaining(['200', '202', '400', '401', '404', '409', '413', '415', '422', '429', '500', '503']),
    )
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      expect(Object.keys(document.components.schemas)).toContain(name)
    }
  })

  test("a model's own document holds its schema with its references moved", async () => {
    const document = await (await api.app.request('/v1/models/ocr/openapi.json')).json()
    const page = '#/components/schemas/InputPage'
    expect(document).toHaveProperty('components.schemas.Input.properties.pages.items.$ref', page)
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, place = '']) => place)
    for (const place of references) expect(document).toHaveProperty(place.split('/'))
    expect(document).toHaveProperty('components.schemas.TrainingInput.properties.epochs.default', 3)
    expect(document).toHaveProperty('components.schemas.TrainingRequest.required', ['input', 'kind'])
    expect(await (await api.app.request('/v1/models')).json()).toMatchObject({ data: [{ name: 'ocr', ready: true }] })
  })
})
