/** The client of fal from npm, unmodified, against a whole Millrace: by its middleware, and by its proxy. */
import { createFalClient } from '@fal-ai/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Stack } from '../support/start-stack.ts'
import { clientCalls } from './support/client-calls.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'

let stack: Stack
let fal: ReturnType<typeof createFalClient>
const APP = 'acme/shout'
const HOSTS: Record<string, string> = { 'fal.run': 'run', 'queue.fal.run': 'queue', 'rest.fal.ai': 'rest' }

beforeAll(async () => {
  stack = await startDialectStack()
  const lead = (url: string) =>
    url.replace(/^https:\/\/([\w.]+)/, (_, host: string) => `${stack.client.url}/fal/${HOSTS[host]}`)
  fal = createFalClient({
    credentials: KEY,
    requestMiddleware: async (request) => ({ ...request, url: lead(request.url) }),
  })
}, 60_000)
afterAll(() => stack?.stop())

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
  expect(await (await fetch(url ?? '')).text()).toBe('HI')
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
  const answer = await fetch(url, { headers: { range: 'bytes=0-3' } })
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
    expect((await fetch(changed, { method: 'PUT', body: 'x' })).status).toBe(403)
  }
})
