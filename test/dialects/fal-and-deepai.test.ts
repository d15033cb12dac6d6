/**
 * The clients of fal from npm and PyPI, unmodified, against a whole Millrace: by middleware and proxy, and over TLS by its two variables. Also
 * that of DeepAI, and the form of a model, where a key is needed.
 */
import { createHash, createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFalClient } from '@fal-ai/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOOPBACK_CERTIFICATE } from '../support/servers/loopback-certificate.ts'
import { startTlsFront, type TlsFront } from '../support/servers/tls-front.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver.ts'
import type { Stack } from '../support/start-stack.ts'
import { until } from '../support/until.ts'
import { clientCalls, pythonCalls } from './support/client-calls.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'

let stack: Stack
let front: TlsFront
let receiver: WebhookReceiver
let fal: ReturnType<typeof createFalClient>
const APP = 'acme/shout'
const HOSTS: Record<string, string> = { 'fal.run': 'run', 'queue.fal.run': 'queue', 'rest.fal.ai': 'rest' }
const folder = mkdtempSync(join(tmpdir(), 'millrace-fal-'))
const certificate = join(folder, 'certificate.pem')
/** The server says that it is found behind the front, whose certificate Node does not trust: so it is asked without. */
const plainly = ((input: string | URL | Request, init?: RequestInit) =>
  fetch(
    String(input instanceof Request ? input.url : input).replace(front.url, stack.client.url),
    init,
  )) as typeof fetch

beforeAll(async () => {
  writeFileSync(certificate, LOOPBACK_CERTIFICATE)
  front = await startTlsFront()
  receiver = await startWebhookReceiver()
  stack = await startDialectStack({ MILLRACE_PUBLIC_URL: front.url, MILLRACE_WEBHOOK_ALLOW_HTTP: 'true' })
  front.lead(stack.client.url)
  const lead = (url: string) =>
    url.replace(/^https:\/\/([\w.]+)/, (_, host: string) => `${stack.client.url}/fal/${HOSTS[host]}`)
  fal = createFalClient({
    credentials: KEY,
    fetch: plainly,
    requestMiddleware: async (request) => ({ ...request, url: lead(request.url) }),
  })
}, 60_000)
afterAll(async () => {
  await receiver?.close()
  await stack?.stop()
  front?.close()
  rmSync(folder, { recursive: true })
})

const call = clientCalls({
  platform: 'fal',
  client: 'npm @fal-ai/client',
  version: '1.10.1',
  missing: { 'realtime.connect': 'there is no socket to a model', 'workflows/…': 'a workflow is no model' },
})
const failing = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

call('run', async () => {
  const { data, requestId } = await fal.run(APP, { input: { text: 'hi' } })
  expect({ data, requestId }).toEqual({ data: { output: 'HI' }, requestId: expect.stringMatching(/^job_/) })
})
call('run, with a path', async () => {
  expect((await fal.run(`${APP}/fast/v2`, { input: { text: 'hi' } })).data).toEqual({ output: 'HI' })
})
call('stream', async () => {
  const stream = await fal.stream(APP, { input: { text: 'hi' } })
  const pieces: unknown[] = []
  for await (const piece of stream) pieces.push(piece)
  expect(pieces).toEqual([{ output: 'H' }, { output: 'I' }, { output: 'HI' }])
})
call('subscribe', async () => {
  const seen: string[] = []
  const logs: string[] = []
  const told = await fal.subscribe(APP, {
    input: { text: 'hi', as: 'file' },
    logs: true,
    pollInterval: 50,
    onQueueUpdate: (update) => {
      seen.push(update.status)
      if ('logs' in update) logs.push(...update.logs.map(({ message }) => message))
    },
  })
  expect([seen.at(-1), logs]).toEqual(['COMPLETED', expect.arrayContaining(['said 2 letters'])])
  const { url, content_type, file_name, file_size } = told.data as Record<string, string>
  expect({ content_type, file_name, file_size }).toEqual({
    content_type: 'text/plain',
    file_name: 'said.txt',
    file_size: 2,
  })
  expect(await (await plainly(url ?? '')).text()).toBe('HI')
})
call('subscribe, by a stream', async () => {
  const seen: string[] = []
  const onQueueUpdate = ({ status }: { status: string }) => void seen.push(status)
  const told = await fal.subscribe(APP, { input: { text: 'hi' }, mode: 'streaming', onQueueUpdate })
  expect([told.data, seen.at(-1)]).toEqual([{ output: 'HI' }, 'COMPLETED'])
})
call('queue.submit, status, result', async () => {
  const { request_id: requestId, status } = await fal.queue.submit(APP, { input: { text: 'hi' }, priority: 'low' })
  expect(status).toBe('IN_QUEUE')
  const last = await fal.queue.subscribeToStatus(APP, { requestId, pollInterval: 50 })
  expect(last).toMatchObject({
    status: 'COMPLETED',
    request_id: requestId,
    metrics: { inference_time: expect.any(Number) },
  })
  expect((await fal.queue.status(APP, { requestId })).status).toBe('COMPLETED')
  expect((await fal.queue.result(APP, { requestId })).data).toEqual({ output: 'HI' })
  expect(await (await stack.client.request(`/v1/jobs/${requestId}`)).json()).toMatchObject({ priority: 'low' })
})
call('queue.cancel', async () => {
  const { request_id: requestId } = await fal.queue.submit(APP, { input: { text: 'hello', pause_ms: 60_000 } })
  await fal.queue.cancel(APP, { requestId })
  expect(await stack.client.finished(requestId)).toMatchObject({ status: 'canceled' })
})
call('an invalid input', async () => {
  const error = await failing(fal.queue.submit(APP, { input: { as: 'song' } }))
  expect(error).toMatchObject({ name: 'ValidationError', status: 422, fieldErrors: [{ loc: ['body', 'as'] }] })
})
call('a model that fails', async () => {
  const error = await failing(fal.subscribe(APP, { input: { fail: true }, pollInterval: 50 }))
  expect(error).toMatchObject({
    status: 422,
    body: { detail: [{ type: 'model_error', msg: expect.stringContaining('model said no') }] },
  })
})
call('a request that is not there', async () => {
  const error = await failing(fal.queue.result(APP, { requestId: 'nope' }))
  expect(error).toMatchObject({ status: 404, body: { detail: 'Request not found' } })
})
call('storage.upload', async () => {
  const url = await fal.storage.upload(new File(['hello'], 'a.txt', { type: 'text/plain' }))
  expect((await fal.run(APP, { input: { file: url } })).data).toEqual({ output: 'HELLO' })
})
call('an input with a Blob', async () => {
  const file = new Blob(['blob'], { type: 'text/plain' })
  expect((await fal.run(APP, { input: { file } })).data).toEqual({ output: 'BLOB' })
})
call('storage.upload, in parts', async () => {
  // Only its size makes it go in parts.
  const file = new File(['a'.repeat(91 * 1024 * 1024)], 'big.txt', { type: 'text/plain' })
  const url = await fal.storage.upload(file)
  const answer = await plainly(url, { headers: { range: 'bytes=0-3' } })
  expect([await answer.text(), answer.headers.get('content-range')]).toEqual(['aaaa', `bytes 0-3/${file.size}`])
})
call('by its proxy', async () => {
  const proxied = createFalClient({
    credentials: KEY,
    proxyUrl: { url: `${stack.client.url}/fal/proxy`, when: 'always' },
  })
  expect((await proxied.subscribe(APP, { input: { text: 'hi' }, pollInterval: 50 })).data).toEqual({ output: 'HI' })
})

it('puts nothing for who changes what an address was signed for', async () => {
  const answer = await stack.client.request('/fal/rest/storage/upload/initiate', {
    method: 'POST',
    body: '{"file_name":"a.txt"}',
  })
  const { upload_url: url } = (await answer.json()) as { upload_url: string }
  for (const [key, value] of [
    ['tenant', 'other'],
    ['name', 'b.txt'],
    ['expires', '9999999999'],
  ]) {
    const changed = new URL(url)
    changed.searchParams.set(key ?? '', value ?? '')
    expect((await plainly(changed, { method: 'PUT', body: 'x' })).status).toBe(403)
  }
})

pythonCalls(
  {
    ...{ platform: 'fal', client: 'pip fal-client', version: '1.0.3', requirements: 'fal' },
    program: new URL('./python/fal_calls.py', import.meta.url),
    missing: { realtime: 'there is no socket to a model', ws_connect: 'the same' },
  },
  [
    ...['run', 'run, with a path and a hint', 'submit', 'handle.iter_events', 'handle.status', 'handle.get'],
    ...['handle.cancel', 'status', 'result', 'result, of none', 'cancel', 'subscribe', 'subscribe, refused'],
    ...['subscribe, failing', 'stream', 'encode, encode_file', 'upload', 'upload_file, in parts'],
    ...['AsyncClient.run', 'AsyncClient.subscribe', 'AsyncClient.stream', 'AsyncClient.upload'],
  ],
  () => {
    const host = front.url.replace('https://', '')
    const hosts = { FAL_RUN_HOST: `${host}/fal/run`, FAL_QUEUE_RUN_HOST: `${host}/fal/queue` }
    return { ...hosts, FAL_KEY: KEY, SSL_CERT_FILE: certificate, FRONT: front.url }
  },
)

describe('a webhook', () => {
  const told = async (input: object) => {
    const webhookUrl = `${receiver.url}/hook`
    const { request_id: id } = await fal.queue.submit(APP, { input: { text: 'hi', ...input }, webhookUrl })
    const got = await until('it is told', () => receiver.got.find(({ body }) => body.includes(id)))
    const { body, headers } = got
    return { id, body, headers, message: JSON.parse(body) as Record<string, unknown> }
  }

  it('tells the output of a request in the shape of fal', async () => {
    const { id, message } = await told({ as: 'file' })
    const file = { content_type: 'text/plain', file_name: 'said.txt', file_size: 2, url: expect.any(String) }
    expect(message).toEqual({ request_id: id, gateway_request_id: id, status: 'OK', payload: file })
    expect(await (await plainly((message.payload as { url: string }).url)).text()).toBe('HI')
  })

  it('tells what was wrong, as the result does', async () => {
    const { message } = await told({ fail: true })
    const detail = [{ loc: ['body'], msg: expect.stringContaining('model said no'), type: 'model_error' }]
    expect(message).toMatchObject({ status: 'ERROR', error: 'Invalid status code: 422', payload: { detail } })
  })

  it('is signed with a key that receivers fetch, as theirs is', async () => {
    const { id, body, headers } = await told({})
    const of = (name: string): string => headers[`x-fal-webhook-${name}`] ?? ''
    expect([of('request-id'), of('user-id')]).toEqual([id, 'default'])
    expect(Math.abs(Date.now() / 1000 - Number(of('timestamp')))).toBeLessThan(60)
    const answer = await stack.client.request('/fal/rest/.well-known/jwks.json')
    const { keys } = (await answer.json()) as { keys: JsonWebKey[] }
    const digest = createHash('sha256').update(body).digest('hex')
    const text = [of('request-id'), of('user-id'), of('timestamp'), digest].join('\n')
    const isSigned = (signed: string): boolean =>
      keys.some((key) => {
        const publicKey = createPublicKey({ key, format: 'jwk' })
        return verify(null, Buffer.from(signed), publicKey, Buffer.from(of('signature'), 'hex'))
      })
    expect([isSigned(text), isSigned(`${text}0`)]).toEqual([true, false])
  })
})

it('takes no part, and opens no file, for who changes the address of the CDN', async () => {
  const begin = { method: 'POST', headers: { 'content-type': 'text/plain', 'x-fal-file-name': 'a.txt' } }
  const begun = await stack.client.request('/fal/cdn/files/upload/multipart', begin)
  const { access_url, uploadId } = (await begun.json()) as { access_url: string; uploadId: string }
  const changed = uploadId.slice(0, -2) + (uploadId.endsWith('AA') ? 'BB' : 'AA')
  const put = (id: string) => plainly(`${access_url}/multipart/${id}/1`, { method: 'PUT', body: 'x' })
  expect([(await put(changed)).status, (await put(uploadId)).status]).toEqual([403, 200])
  const body = JSON.stringify({ parts: [{ partNumber: 1, etag: '' }] })
  const complete = async () =>
    (await plainly(`${access_url}/multipart/${uploadId}/complete`, { method: 'POST', body })).status
  // Some clients ask again when the answer was lost.
  expect([await complete(), await complete()]).toEqual([200, 200])
  const forged = access_url.replace(/\/(\d+)\/([\w-]+)\//, (_, expires) => `/${Number(expires) + 3600}/$2/`)
  expect((await plainly(forged)).status).toBe(403)
})

interface DeepAI {
  setApiKey(key: string): void
  callStandardApi(model: string, inputs: Record<string, unknown>): Promise<Record<string, unknown>>
  axiosInstance: { interceptors: { request: { use(change: (request: { url: string }) => object): void } } }
}

describe('npm deepai', () => {
  const deepai = createRequire(import.meta.url)('deepai') as DeepAI
  beforeAll(() => {
    deepai.setApiKey(KEY)
    const lead = (url: string): string => url.replace('https://api.deepai.org', `${stack.client.url}/deepai`)
    deepai.axiosInstance.interceptors.request.use((request) => ({ ...request, url: lead(request.url) }))
  })
  const call = clientCalls({
    ...{ platform: 'DeepAI', client: 'npm deepai', version: '1.0.23' },
    missing: {
      renderResultIntoElement:
        'it asks an address that cannot be changed; the answer of the call holds what it looks for',
      renderAnnotatedResultIntoElement: 'it asks nothing: it draws an answer in a page',
    },
  })

  call('callStandardApi, with a text', async () => {
    const inputs = [{ is_img: false, url: `data:text/plain;base64,${Buffer.from('hi').toString('base64')}` }]
    const told = await deepai.callStandardApi('shout', { text: 'hi' })
    expect(told).toMatchObject({ id: expect.stringMatching(/^job_/), output: 'HI', output_url: null })
    expect(told.inputs).toEqual(expect.arrayContaining(inputs))
  })
  call('callStandardApi, with a Buffer', async () => {
    // It says of each that it is a JPEG.
    const file = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')
    expect((await deepai.callStandardApi('shout', { file })).output).toContain('JFIF')
  })
  call('callStandardApi, with a file', async () => {
    const path = join(folder, 'a.txt')
    writeFileSync(path, 'a file')
    expect((await deepai.callStandardApi('shout', { file: createReadStream(path) })).output).toBe('A FILE')
    const { output_url: url } = await deepai.callStandardApi('shout', { text: 'hi', as: 'file' })
    expect(await (await plainly(String(url))).text()).toBe('HI')
  })
  call('callStandardApi, failing', async () => {
    expect(await deepai.callStandardApi('shout', { fail: 'true' })).toEqual({
      err: expect.stringContaining('model said no'),
    })
  })
})

describe('the form of a model, for a browser', () => {
  const open = (headers: Record<string, string>) =>
    fetch(`${stack.client.url}/ai_integration/shout`, { headers: { accept: 'text/html', ...headers } })

  it('asks for the key, and nothing of the page runs but its own script', async () => {
    const answer = await open({})
    const page = await answer.text()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([401, 'text/html; charset=UTF-8'])
    expect(page).toContain('<input type="password" name="key"')
    const script = /<script>(.*)<\/script>/s.exec(page)?.[1] ?? ''
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`)
    expect(policy).toContain("form-action 'none'")
    expect((await open({ accept: '*/*' })).headers.get('content-type')).toBe('application/json')
  })

  it('is there for who has logged in with it', async () => {
    const origin = stack.client.url
    const body = JSON.stringify({ key: KEY })
    const headers = { origin, 'content-type': 'application/json' }
    const begun = await fetch(`${origin}/v1/session`, { method: 'POST', headers, body })
    const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
    const page = await (await open({ cookie })).text()
    expect(page).toContain('name="text"')
    const form = new FormData()
    form.append('text', 'hi')
    const sent = await fetch(`${origin}/ai_integration/shout`, {
      ...{ method: 'POST', headers: { cookie, origin }, body: form },
    })
    expect(await sent.json()).toMatchObject({ output: 'HI' })
  })
})
