import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Batch, Job } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ApiClient } from '../../support/api-client.ts'
import { type MillraceProcess, startMillrace } from '../../support/processes/millrace-process.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { type S3Server, startS3Server } from '../../support/servers/s3-server.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver.ts'
import { type Stack, startStack } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-backup-'))
const bytes = Buffer.alloc(3_000_000, 'a page of a book ')
const sha256 = createHash('sha256').update(bytes).digest('hex')

let s3: S3Server
let stack: Stack
let receiver: WebhookReceiver
let target: TestRedis
let later: Record<string, string>
const started: MillraceProcess[] = []

beforeAll(async () => {
  ;[s3, receiver, target] = await Promise.all([startS3Server(), startWebhookReceiver(), startRedis()])
  const env = {
    S3_ENDPOINT: s3.endpoint,
    S3_BUCKET: s3.bucket,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
  }
  stack = await startStack({ env: { ...env, S3_PREFIX: 'first', MILLRACE_SLOTS: 'cpu*2' } })
  later = { ...stack.env, REDIS_URL: target.url, S3_PREFIX: 'second/place' }
}, 60_000)

afterAll(async () => {
  await Promise.all(started.map((one) => one.kill('SIGKILL')))
  await stack?.stop()
  await Promise.all([s3?.close(), receiver?.close(), target?.stop()])
  rmSync(folder, { recursive: true, force: true })
})

interface Outcome {
  code: number
  out: string
  err: string
}

const millrace = (args: string[], env: Record<string, string>): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], { env: { PATH: process.env.PATH, ...env } }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })

const post = (client: ApiClient, path: string, body: unknown = {}): Promise<Response> =>
  client.request(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

async function filesJob(client: ApiClient): Promise<Job> {
  const form = new FormData()
  form.append('file', new Blob([bytes]), 'page.bin')
  const answer = await client.request('/v1/models/files/jobs', { method: 'POST', body: form })
  return client.finished(((await answer.json()) as Job).id)
}

/** Jobs in every state, as they are just before the backup. */
async function fill(client: ApiClient) {
  await Promise.all(['files', 'mirror', 'hang', 'noop'].map((model) => client.ready(model)))
  receiver.answer = () => 500
  const done = await filesJob(client)
  const failed = await client.run('mirror', { text: 'no', mode: 'fail' })
  const rows = [1, 2, 3].map((at) => ({ model: 'mirror', input: { text: `row ${at}` } }))
  const { id: batchId } = (await (await post(client, '/v1/batches', { jobs: rows })).json()) as Batch
  await until('the batch has its results', async () => (await batchOf(client, batchId)).results !== null)
  const owed = await client.run('mirror', { text: 'tell' }, { webhook: `${receiver.url}/owed` })
  await post(client, '/v1/models/mirror/pause')
  const canceled = await client.accepted('mirror', { text: 'never mind' })
  await post(client, `/v1/jobs/${canceled.id}/cancel`)
  const waiting = await Promise.all([1, 2, 3].map((at) => client.accepted('mirror', { text: `later ${at}` })))
  const running = await client.accepted('hang', { mode: 'never' })
  await until('it runs', async () => (await client.job(running.id)).status === 'running')
  await until('the webhook was tried', () => receiver.got.length > 0)
  return { done, failed, owed, batchId, canceled, waiting, running }
}

const batchOf = async (client: ApiClient, id: string): Promise<Batch & { results: unknown }> =>
  (await (await client.request(`/v1/batches/${id}`)).json()) as Batch & { results: unknown }

/** Submits all the while, so that the backup is made while Redis changes. */
function keepBusy(client: ApiClient): () => Promise<number> {
  let isOn = true
  const busy = (async () => {
    let count = 0
    for (; isOn; count++) await client.run('noop', { text: 'x' })
    return count
  })()
  return () => {
    isOn = false
    return busy
  }
}

it('comes back from a backup that was made while it ran, on another Redis and under another prefix', async () => {
  const kept = await fill(stack.client)
  const place = join(folder, 'monday.tar')
  const stop = keepBusy(stack.client)
  const made = await millrace(['backup', place, '--json'], stack.env)
  expect(await stop()).toBeGreaterThan(0)
  expect(made, made.err).toMatchObject({ code: 0 })
  const manifest = JSON.parse(made.out)
  expect(manifest.record.jobs).toMatchObject({ failed: 1, canceled: 1 })
  expect(statSync(place).mode & 0o777).toBe(0o600)
  expect((await millrace(['backup', '--check', place], {})).out).toContain('The backup is whole.')
  expect((await millrace(['restore', place], stack.env)).err).toContain('This Redis holds data of Millrace already')

  const restored = await millrace(['restore', place, '--json'], later)
  expect(restored, restored.err).toMatchObject({ code: 0 })
  expect(JSON.parse(restored.out).record).toEqual(manifest.record)
  expect(JSON.parse(restored.out).released).toBeGreaterThan(0)
  await Promise.all([stack.api, ...stack.workers].map((one) => one.kill('SIGKILL')))

  receiver.answer = () => 204
  started.push(startMillrace('api', later), startMillrace('worker', later))
  const client = new ApiClient(await started[0]!.url())
  await client.ready('mirror')
  await Promise.all(kept.waiting.map(async ({ id }) => expect((await client.job(id)).status).toBe('queued')))
  await post(client, '/v1/models/mirror/resume')
  const ended = await Promise.all(kept.waiting.map(({ id }) => client.finished(id)))
  expect(ended.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])

  const running = await until('it runs again', async () => {
    const job = await client.job(kept.running.id)
    return job.status === 'running' ? job : undefined
  })
  expect(running.attempts[0]).toMatchObject({ outcome: 'released', error: null })
  await post(client, `/v1/jobs/${running.id}/cancel`)
  expect((await client.finished(running.id)).status).toBe('canceled')

  const done = await client.job(kept.done.id)
  expect(done.output).toMatchObject({ sha256 })
  const copy = (done.output as { copy: { url: string } }).copy
  const again = await (await client.request(new URL(copy.url).pathname + new URL(copy.url).search)).arrayBuffer()
  expect(createHash('sha256').update(Buffer.from(again)).digest('hex')).toBe(sha256)
  expect((await client.job(kept.failed.id)).error).toEqual(kept.failed.error)
  expect((await client.job(kept.canceled.id)).status).toBe('canceled')
  expect(await batchOf(client, kept.batchId)).toMatchObject({ status: 'completed', results: expect.anything() })
  await until('the webhook that was owed arrives', () =>
    receiver.got.some(({ path, answered }) => path === '/owed' && answered === 204),
  )
}, 120_000)

it('tells a backup that was damaged, or not written to its end', async () => {
  const place = join(folder, 'monday.tar')
  const whole = readFileSync(place)
  const damaged = join(folder, 'damaged.tar')
  const at = whole.indexOf('a page of a book')
  writeFileSync(damaged, Buffer.concat([whole.subarray(0, at), Buffer.from('A'), whole.subarray(at + 1)]))
  expect(await millrace(['backup', '--check', damaged], {})).toMatchObject({
    code: 1,
    err: expect.stringContaining('is missing or damaged'),
  })
  writeFileSync(damaged, whole.subarray(0, whole.length - 20_000))
  expect((await millrace(['backup', '--check', damaged], {})).err).toContain('not written to its end')
})

it('is written into a folder, too, and replaces what is there when told so', async () => {
  const place = join(folder, 'tuesday')
  const made = await millrace(['backup', place, '--json'], later)
  expect(made, made.err).toMatchObject({ code: 0 })
  expect(statSync(place).mode & 0o777).toBe(0o700)
  await Promise.all(started.map((one) => one.kill('SIGKILL')))
  // What is in the stores is told by tenant, model and kind.
  const disk = JSON.parse((await millrace(['disk', '--json'], later)).out)
  const rows = disk.objects.rows as { tenant: string; model: string | null; kind: string; bytes: number }[]
  const bytesOf = (model: string | null, kind: string) =>
    rows.find((row) => row.model === model && row.kind === kind)?.bytes
  expect([bytesOf('files', 'outputs'), bytesOf(null, 'files')! >= bytes.length]).toEqual([bytes.length, true])
  expect(disk.redis.bytes).toMatchObject({ noop: expect.any(Number), hang: expect.any(Number) })
  const restored = await millrace(['restore', place, '--replace', '--json'], later)
  expect(restored, restored.err).toMatchObject({ code: 0 })
  expect(JSON.parse(restored.out).objects_kept).toBe(JSON.parse(made.out).objects.count)
})
