/** Two APIs and two workers that meet only in Redis and an S3: who takes a job and who answers for it does not matter. */
import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import type { FileView, Job } from '@millrace/contracts'
import { type ObjectStore, openObjectStore } from '@millrace/storage'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type FaultProxy, startFaultProxy } from '../contract/object-store/fault-proxy.ts'
import { keysOf } from '../contract/object-store/object-store.suite.ts'
import { ApiClient } from '../support/api-client.ts'
import { type MillraceProcess, startMillrace } from '../support/processes/millrace-process.ts'
import { type S3Server, startS3Server } from '../support/servers/s3-server.ts'
import { SHIPPED_MODELS, type Stack, startStack, TEST_MODELS } from '../support/start-stack.ts'
import { until } from '../support/until.ts'

let s3: S3Server
/** Before the S3 of the first worker alone. */
let proxy: FaultProxy
let direct: ObjectStore
let stack: Stack
let secondApi: MillraceProcess
let first: MillraceProcess
let clients: ApiClient[]

beforeAll(async () => {
  s3 = await startS3Server()
  proxy = await startFaultProxy(s3.endpoint)
  const { endpoint, bucket, accessKeyId, secretAccessKey } = s3
  direct = await openObjectStore({ endpoint, bucket, credentials: { accessKeyId, secretAccessKey } })
  stack = await startStack({
    workers: 0,
    env: {
      MILLRACE_MODELS: `${SHIPPED_MODELS}/echo,${TEST_MODELS}/files`,
      S3_BUCKET: bucket,
      S3_ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  })
  first = stack.startWorker({ S3_ENDPOINT: proxy.endpoint, S3_PUBLIC_ENDPOINT: endpoint })
  stack.startWorker()
  secondApi = startMillrace('api', stack.env)
  clients = [stack.client, new ApiClient(await secondApi.url())]
  for (const model of ['echo', 'files']) {
    await until(`both workers have ${model}`, async () => (await workersOf(model)) === 2, { timeoutMs: 60_000 })
  }
}, 90_000)
afterAll(async () => {
  await secondApi?.kill('SIGKILL')
  await stack?.stop()
  await direct?.close()
  await proxy?.close()
  await s3?.close()
})

async function workersOf(model: string): Promise<number> {
  const response = await stack.client.request(`/v1/models/${model}`)
  return response.ok ? ((await response.json()) as { workers: number }).workers : 0
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const outputsOf = async (id: string) => (await keysOf(direct, '')).filter((key) => key.includes(`${id}/out`))
const at = (index: number): ApiClient => clients[index % 2] as ApiClient

async function submitFile(client: ApiClient, bytes: Uint8Array<ArrayBuffer>): Promise<Job> {
  const form = new FormData()
  form.set('file', new Blob([bytes]), 'input.bin')
  const response = await client.request('/v1/models/files/jobs', { method: 'POST', body: form })
  expect(response.status).toBe(202)
  return (await response.json()) as Job
}

it('spreads jobs with files over both workers, and each API answers for all of them', { timeout: 90_000 }, async () => {
  const inputs = Array.from({ length: 24 }, (_, index) => randomBytes(50_000 + index))
  const jobs = await Promise.all(inputs.map((bytes, index) => submitFile(at(index), bytes)))
  for (const [index, { id }] of jobs.entries()) {
    // Asked at the other API than the one that took it.
    const done = await at(index + 1).finished(id)
    const output = done.output as { sha256: string; copy: FileView }
    const copy = new Uint8Array(await (await fetch(output.copy.url)).arrayBuffer())
    expect([output.sha256, sha256(copy)]).toEqual(Array(2).fill(sha256(inputs[index] as Buffer)))
  }
  // What the first worker fetched and stored went through its own way to the bucket; the second did the rest.
  const passed = jobs.filter(({ id }) => proxy.seen.some((line) => line.startsWith('PUT ') && line.includes(id)))
  expect(passed.length).toBeGreaterThan(0)
  expect(passed.length).toBeLessThan(jobs.length)
})

it('takes six creates of a client in 40 ms, whose connections died in turn at both APIs, for one job', async () => {
  const body = JSON.stringify({ input: { message: 'six times', delay_seconds: 0.5 } })
  const send = (index: number): Socket => {
    const { host, hostname, port } = new URL(at(index).url)
    const socket = connect(Number(port), hostname)
    const head = `POST /runpod/v2/echo/runsync HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nconnection: close`
    socket.write(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    return socket
  }
  for (let index = 0; index < 5; index++) {
    const socket = send(index)
    await pause(7)
    socket.destroy()
  }
  const answer = await text(send(5))
  expect(answer).toContain('"status":"COMPLETED"')
  const listed = (await (await at(0).request('/v1/jobs?model=echo&limit=100')).json()) as { data: Job[] }
  const same = listed.data.filter(({ input }) => JSON.stringify(input).includes('six times'))
  expect(same.map(({ id }) => answer.includes(id))).toEqual([true])
  // Asked for again on purpose, by connections that live: jobs of their own.
  const two = await Promise.all([text(send(0)), text(send(1))])
  expect(new Set([answer, ...two].map((one) => /job_[0-9a-z]+/.exec(one)?.[0])).size).toBe(3)
})

it('shows nothing of an output whose worker was killed while it stored it', { timeout: 90_000 }, async () => {
  let held: string | undefined
  proxy.plan = ({ method, url = '' }) => {
    const id = /job_[a-z0-9]+(?=\/out)/.exec(url)?.[0]
    if (id === undefined || (method !== 'PUT' && method !== 'POST')) return undefined
    held = id
    return 'stall'
  }
  const ids: string[] = []
  await until(
    'the first worker stores an output, and its store stalls',
    async () => {
      ids.push((await at(ids.length).accepted('echo', { message: 'large', size_bytes: 20 * 1024 * 1024 })).id)
      return held !== undefined
    },
    { timeoutMs: 60_000, everyMs: 250 },
  )
  const id = held as unknown as string
  expect(await at(0).job(id)).toMatchObject({ status: 'running', output: null })
  expect(await outputsOf(id)).toEqual([])
  await first.kill('SIGKILL')
  const done = await at(1).finished(id)
  expect(done).toMatchObject({ status: 'succeeded', attempt: 2 })
  const { file } = done.output as { file: FileView }
  const bytes = new Uint8Array(await (await fetch(file.url)).arrayBuffer())
  expect([bytes.length, sha256(bytes)]).toEqual([20 * 1024 * 1024, file.sha256])
  // One object, of the attempt that won.
  expect(await outputsOf(id)).toEqual([expect.stringContaining('/out/2-')])
  for (const other of ids) expect(await at(0).finished(other)).toMatchObject({ status: 'succeeded' })
})
