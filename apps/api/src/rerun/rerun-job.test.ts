import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JobRecord, type Manifest, manifestSchema, ProblemError } from '@millrace/contracts'
import { lineOfVersion, linesOf, type Queue } from '@millrace/queue'
import { FolderStore } from '@millrace/storage'
import { createAddressGuard } from '@millrace/webhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestQueue, silent } from '../../../../test/support/open-test-queue.ts'
import { recordOf } from '../../../../test/support/record-and-events.ts'
import { startRedis, type TestRedis } from '../../../../test/support/servers/redis-server.ts'
import { takeJobs } from '../../../../test/support/take-jobs.ts'
import { createFixture, testManifest as old } from '../app.fixture.ts'
import { OWNER } from '../http/access/principal.ts'
import { rerunJob } from './rerun-job.ts'
import { noLimits } from '../http/limits/no-limits.fixture.ts'
import { submitJob, type SubmitDeps } from '../submit/submit-job.ts'

/** Takes no lists, and must have a text. */
const next: Manifest = manifestSchema.parse({
  ...old,
  version: '2.0.0',
  input_schema: {
    type: 'object',
    required: ['text'],
    properties: {
      text: { type: 'string' },
      lang: { type: 'string' },
      image: { format: 'file' },
      size: { type: 'integer', default: 3 },
    },
  },
})
const principal = { ...OWNER, tenant: 't' }
const image = `data:image/x-raw;base64,${Buffer.from('picture').toString('base64')}`
let redis: TestRedis
let queue: Queue
let folder: string
let deps: SubmitDeps

beforeAll(async () => {
  redis = await startRedis({ appendonly: false })
  queue = openTestQueue(redis.url)
  for (const manifest of [old, next]) await queue.models.publish(manifest, 'w_test')
  folder = await mkdtemp(join(tmpdir(), 'millrace-rerun-'))
  const { jobs, files, models } = queue
  const guards = { webhookGuard: createAddressGuard(), inputGuard: createAddressGuard() }
  deps = {
    ...{ jobs, intake: jobs, files, models, objects: await FolderStore.open(folder), ...guards, logger: silent },
    ...{ config: { maxImagePixels: 1_000_000 }, memoryPressure: () => false, ...noLimits(queue) },
  }
})
afterAll(async () => {
  await queue.close()
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
})

async function ended(input: Record<string, unknown>): Promise<JobRecord> {
  const fields = { priority: 'high', metadata: { order: '7' }, timeout: 77, max_attempts: 1 } as const
  const { record } = await submitJob(deps, { principal, model: old, input, fields })
  const [taken] = (await takeJobs(queue, 'ocr', { lines: linesOf(old), version: old.version })).records
  expect(taken?.id).toBe(record.id)
  const error = { code: 'model_error', message: 'no', retryable: true, attempt: 1 } as const
  await queue.attempts.fail({ id: record.id, fence: 1 }, { blame: 'model', error, runSeconds: 0.1 })
  return recordOf(queue, record.id)
}

const rerun = (record: JobRecord, idempotencyKey?: string) =>
  rerunJob(deps, record, { principal, model: old, version: '2.0.0', idempotencyKey })

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((cause: unknown) => cause)
  return error instanceof ProblemError ? error.code : String(error)
}

test('the input of a job becomes a new job on another version, on its terms, as that version has it', async () => {
  const failed = await ended({ text: 'a', image })
  const { record } = await rerun(failed)
  expect(record).toMatchObject({
    ...{ status: 'queued', version: '2.0.0', line: lineOfVersion('2.0.0'), rerun_of: failed.id },
    ...{ priority: 'high', metadata: { order: '7' }, timeout_seconds: 77, max_attempts: 1, failures: 0 },
  })
  expect(JSON.parse('inline' in record.input ? record.input.inline : '')).toEqual({
    ...{ text: 'a', lang: 'eng', size: 3, image: null },
  })
  const [was, is] = [failed, record].map(({ input_files }) => input_files[0])
  expect(is).toMatchObject({ pointer: '/image', sha256: was && 'sha256' in was ? was.sha256 : '' })
  expect(await recordOf(queue, failed.id)).toEqual(failed)
})

test('the same request gives the same new job, and another key another one', async () => {
  const failed = await ended({ text: 'b' })
  const first = await rerun(failed)
  expect(await rerun(failed)).toEqual({ record: first.record, replayed: true })
  const other = await rerun(failed, 'another')
  expect([other.replayed, other.record.id === first.record.id]).toEqual([false, false])
})

test('an input too large for the record is run again too', async () => {
  const { record } = await rerun(await ended({ text: 'x'.repeat(100_000) }))
  expect(record.input).toMatchObject({ stored: { size: expect.any(Number) } })
})

test('an input that does not fit the version is refused, and so is a job that has not ended', async () => {
  expect(await refusal(rerun(await ended({ numbers: [1] })))).toBe('invalid_input')
  const { record } = await submitJob(deps, { principal, model: old, input: {} })
  expect(await refusal(rerun(record))).toBe('job_not_retryable')
})

test('over HTTP: with a version a new job, without one as ever, and nothing else is taken', async () => {
  const api = await createFixture()
  const post = async (path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const response = await api.app.request(path, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const { body: job } = await post('/v1/models/ocr/jobs', { input: { text: 'a' } })
  const path = `/v1/jobs/${String(job.id)}/retry`
  const record = api.records.get(String(job.id)) as JobRecord
  record.status = 'succeeded'
  expect(await post(path, { version: '1.0.0' })).toMatchObject({ status: 202, body: { rerun_of: job.id } })
  expect(await post(path, { version: '9' })).toMatchObject({ status: 409, body: { code: 'version_not_available' } })
  expect(await post(path)).toMatchObject({ status: 409, body: { code: 'job_not_retryable' } })
  expect(await post(path, { colour: 'red' })).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  await api.close()
})
