/** What a job makes of an object store that fails: it waits, tries again, and never shows anything that is not whole. */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FileView } from '@millrace/contracts'
import { type ObjectStore, openObjectStore } from '@millrace/storage'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type Fault, type FaultProxy, startFaultProxy } from '../contract/object-store/fault-proxy.ts'
import { keysOf } from '../contract/object-store/object-store.suite.ts'
import { type S3Server, startS3Server } from '../support/servers/s3-server.ts'
import { SHIPPED_MODELS, type Stack, startStack, TEST_MODELS } from '../support/start-stack.ts'
import { until } from '../support/until.ts'

const MB = 1024 * 1024
/** More than the driver itself tries: the worker has to try again as well. */
const BEYOND_THE_DRIVER = 4

let s3: S3Server
let proxy: FaultProxy
let direct: ObjectStore
let stack: Stack

beforeAll(async () => {
  s3 = await startS3Server()
  proxy = await startFaultProxy(s3.endpoint)
  const { endpoint, bucket, accessKeyId, secretAccessKey } = s3
  direct = await openObjectStore({ endpoint, bucket, credentials: { accessKeyId, secretAccessKey } })
  stack = await startStack({
    env: {
      MILLRACE_MODELS: `${SHIPPED_MODELS}/echo,${TEST_MODELS}/noop`,
      S3_BUCKET: bucket,
      S3_ENDPOINT: proxy.endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  })
  for (const model of ['echo', 'noop']) await stack.client.ready(model)
}, 60_000)
afterEach(() => {
  proxy.plan = () => undefined
})
afterAll(async () => {
  await stack?.stop()
  await direct?.close()
  await proxy?.close()
  await s3?.close()
})

/** Spoils each request of that kind until `heal` is called; `times` counts them. */
function spoil(fault: Fault, fits: (line: string) => boolean) {
  const state = {
    times: 0,
    heal: () => {
      proxy.plan = () => undefined
    },
  }
  proxy.plan = (req: IncomingMessage) => {
    if (!fits(`${req.method} ${req.url}`)) return undefined
    state.times += 1
    return fault
  }
  return state
}

const isOutput = (line: string): boolean => line.startsWith('PUT ') && line.includes('/out')

it.each(['error', 'slow-down', 'reset', 'cut', 'flip'] as const)(
  'keeps an output until the store takes it, and shows nothing of it before: %s',
  { timeout: 90_000 },
  async (fault) => {
    const outage = spoil(fault, isOutput)
    const { id } = await stack.client.accepted('echo', { message: fault, size_bytes: 2 * MB })
    await until('the worker has begun again', () => outage.times >= BEYOND_THE_DRIVER, { timeoutMs: 60_000 })
    expect(await stack.client.job(id)).toMatchObject({ status: 'running', output: null, attempt: 1 })
    expect((await keysOf(direct, '')).filter((key) => key.includes(id) && key.includes('/out'))).toEqual([])
    outage.heal()
    const done = await stack.client.finished(id)
    expect(done).toMatchObject({ status: 'succeeded', attempt: 1 })
    const file = (done.output as { file: FileView }).file
    const bytes = Buffer.from(await (await fetch(file.url)).arrayBuffer())
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256)
  },
)

it('leaves no part of a large output behind that was cut on its way', { timeout: 90_000 }, async () => {
  const outage = spoil('cut', (line) => isOutput(line) && line.includes('partNumber=2'))
  const { id } = await stack.client.accepted('echo', { message: 'large', size_bytes: 20 * MB })
  await until('the worker has begun again', () => outage.times >= BEYOND_THE_DRIVER, { timeoutMs: 60_000 })
  outage.heal()
  const done = await stack.client.finished(id)
  expect(done.status).toBe('succeeded')
  const outputs = (await keysOf(direct, '')).filter((key) => key.includes(id) && key.includes('/out'))
  expect(outputs).toHaveLength(1)
  expect(await direct.abortAbandoned(0)).toBe(0)
})

it.each(['slow-down', 'truncate', 'flip-answer'] as const)(
  'runs a job only on the input that was sent, however often it has to ask for it: %s',
  { timeout: 90_000 },
  async (fault) => {
    const text = `${fault} `.repeat(20_000)
    const outage = spoil(fault, (line) => line.startsWith('GET ') && line.includes('/in'))
    const { id } = await stack.client.accepted('noop', { text })
    // The driver asks again for an answer, not for a body: from the second time on it is the worker.
    const least = fault === 'slow-down' ? BEYOND_THE_DRIVER : 2
    await until('the worker has asked again', () => outage.times >= least, { timeoutMs: 60_000 })
    outage.heal()
    expect((await stack.client.finished(id)).status).toBe('succeeded')
    const output = await stack.client.request(`/v1/jobs/${id}/output`)
    expect(await output.json()).toEqual({ text })
  },
)
