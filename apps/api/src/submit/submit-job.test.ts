import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JobId, type JobRecord, type ProblemCode, ProblemError } from '@millrace/contracts'
import { newObjectName, newUploadId, type Queue, type SubmitResult } from '@millrace/queue'
import { FolderStore, storeBlob } from '@millrace/storage'
import { createAddressGuard } from '@millrace/webhooks'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestQueue, silent } from '../../../../test/support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../../../test/support/servers/redis-server.ts'
import { until } from '../../../../test/support/until.ts'
import { testManifest as model } from '../app.fixture.ts'
import { OWNER } from '../http/access/principal.ts'
import { jsonBody } from './submit-body.ts'
import { noLimits } from '../http/limits/no-limits.fixture.ts'
import { type Submit, submitJob, type SubmitDeps } from './submit-job.ts'

/** Submits as a dialect, a tool or a batch would make them: with no request, over a real Redis and a real folder. */

const picture = (n: number) => `data:image/x-raw;base64,${Buffer.from([1, 2, 3, n]).toString('base64')}`
let redis: TestRedis
let queue: Queue
let folder: string
let objects: FolderStore
let deps: SubmitDeps
/** So that what one test stores is not what another finds. */
let tenant: string
let tests = 0

beforeAll(async () => {
  redis = await startRedis({ appendonly: false })
  queue = openTestQueue(redis.url)
  await queue.models.publish(model, 'w_test')
  folder = await mkdtemp(join(tmpdir(), 'millrace-submit-'))
  objects = await FolderStore.open(folder)
})
afterAll(async () => {
  await queue.close()
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => {
  tenant = `t${tests++}`
  const { jobs, files } = queue
  const guards = { webhookGuard: createAddressGuard(), inputGuard: createAddressGuard() }
  const config = { maxImagePixels: 1_000_000 }
  deps = {
    jobs,
    models: queue.models,
    intake: jobs,
    files,
    objects,
    config,
    ...guards,
    ...noLimits(queue),
    logger: silent,
    memoryPressure: () => false,
  }
})

type Asked = Partial<Submit> & { input?: Record<string, unknown> }
const submit = (asked: Asked) => submitJob(deps, { principal: { tenant }, model, input: {}, ...asked } as Submit)

async function refused(work: Promise<unknown>, code: ProblemCode): Promise<ProblemError> {
  const error: unknown = await work.catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(ProblemError)
  expect((error as ProblemError).code).toBe(code)
  return error as ProblemError
}

async function stored(): Promise<string[]> {
  const keys: string[] = []
  for await (const key of objects.list('')) if (key.includes(`/${tenant}/`)) keys.push(key)
  return keys
}

const jobsOf = async (): Promise<JobRecord[]> => (await queue.jobs.list({ tenant, limit: 100 })).records

test('a job is submitted by principal, model and input, and kept as the model has it', async () => {
  const { record, replayed } = await submitJob(deps, {
    principal: { ...OWNER, tenant },
    model,
    input: { text: 'hello' },
  })
  expect(replayed).toBe(false)
  expect(record).toMatchObject({ tenant, model: 'ocr', kind: 'prediction', status: 'queued', priority: 'normal' })
  expect(record.input).toEqual({ inline: '{"text":"hello","lang":"eng"}' })
  expect(await queue.jobs.get(record.id, { tenant })).toEqual({ outcome: 'found', record })
})

test('the fields of a request are taken as over HTTP, and what they may not be is refused', async () => {
  const fields = { kind: 'training', priority: 'high', timeout: 90_000, metadata: { order: '1' } } as const
  const { record } = await submit({ fields })
  expect(record).toMatchObject({
    kind: 'training',
    priority: 'high',
    timeout_seconds: 90_000,
    metadata: { order: '1' },
  })
  await refused(submit({ fields: { timeout: 90_000 } }), 'invalid_request')
  await refused(submit({ fields: { colour: 'red' } as never }), 'invalid_request')
  await refused(submit({ fields: { version: '2' } }), 'version_not_available')
  await refused(submit({ fields: { webhook: 'https://127.0.0.1/hook' } }), 'webhook_not_allowed')
  expect((await jobsOf()).map(({ id }) => id)).toEqual([record.id])
})

test('an input that does not fit is refused with its faults, and leaves neither job nor file', async () => {
  const problem = await refused(submit({ input: { image: picture(1), lang: 'latin' } }), 'invalid_input')
  expect(problem.options.errors).toMatchObject([{ path: '/input/lang', code: 'enum' }])
  await refused(submit({ input: JSON.parse('{"text":{"__proto__":1}}') as Record<string, unknown> }), 'reserved_key')
  await refused(submit({ input: { image: picture(1), pages: ['no such file'] } }), 'invalid_input')
  expect([await jobsOf(), await stored()]).toEqual([[], []])
})

test('the input of the caller stays as it was', async () => {
  const input = { image: picture(1) }
  await submit({ input })
  expect(input).toEqual({ image: picture(1) })
})

test('files are held by the job: those in the input itself, and those that were uploaded before', async () => {
  const id = newUploadId(tenant)
  const facts = { name: 'up.raw', contentType: 'image/x-raw' }
  const register = {
    tenant,
    keep: (blob: Parameters<typeof queue.files.keepFile>[2]) => queue.files.keepFile(tenant, id, blob, facts),
    deleted: (keys: readonly string[]) => queue.files.deleted(tenant, keys),
  }
  const rules = { contentType: facts.contentType, maxPixels: 1 }
  const body = Buffer.from('uploaded')
  await storeBlob(objects, register, { object: newObjectName(), body, rules, signal: AbortSignal.timeout(10_000) })
  const { record } = await submit({ input: { image: picture(1), pages: [id] } })
  expect(record.input).toEqual({ inline: '{"image":null,"pages":[null],"lang":"eng"}' })
  expect(record.input_files).toMatchObject([
    { pointer: '/image', size: 4 },
    { pointer: '/pages/0', name: 'up.raw', size: 8 },
  ])
  expect(await stored()).toHaveLength(2)
  // Deleted by their owner, the bytes stay: the job holds them.
  expect(await queue.files.release(tenant, id)).toEqual([])
  expect(await queue.files.release(tenant, record.id)).toHaveLength(2)

  tenant = `${tenant}-other`
  const problem = await refused(submit({ input: { pages: [id] } }), 'invalid_input')
  expect(problem.options.errors).toMatchObject([{ path: '/input/pages/0', code: 'file_not_found' }])
})

test('files that came while the request was read are let go of when it is refused, at whatever step', async () => {
  const store = (files: Parameters<Extract<Submit, { read: unknown }>['read']>[0]) =>
    files.store({ pointer: '/image', name: 'a.raw', contentType: 'image/x-raw', body: Buffer.from('as it came') })
  const there: string[][] = []
  const cut = submit({
    read: async (files) => {
      await store(files)
      there.push(await stored())
      throw new ProblemError('malformed_multipart')
    },
  })
  await refused(cut, 'malformed_multipart')
  const faulty = submit({
    read: async (files) => {
      await store(files)
      return jsonBody({ input: { lang: 'latin' } }, 2)
    },
  })
  await refused(faulty, 'invalid_input')
  const tooLong = submit({
    read: async (files) => {
      await store(files)
      return jsonBody({ input: { text: 'x'.repeat(40_000), pages: ['no such file'] } }, 4)
    },
  })
  await refused(tooLong, 'invalid_input')
  deps = { ...deps, intake: { ...deps.intake, submit: async () => full } }
  await refused(submit({ input: { image: picture(7), text: 'x'.repeat(40_000) } }), 'storage_pressure')
  expect(there).toEqual([[expect.stringContaining('blobs/')]])
  expect([await jobsOf(), await stored()]).toEqual([[], []])
})

const full: SubmitResult = { outcome: 'full' }

test('the same key and request is the same job, and its second set of files is let go of', async () => {
  const input = { image: picture(1), text: 'x'.repeat(40_000) }
  const first = await submit({ input, idempotencyKey: 'k' })
  const keys = await stored()
  expect(keys).toHaveLength(2)
  const again = await submit({ input, idempotencyKey: 'k' })
  expect(again).toEqual({ record: first.record, replayed: true })
  expect(await stored()).toEqual(keys)
  await refused(submit({ input: { image: picture(2) }, idempotencyKey: 'k' }), 'idempotency_mismatch')
  await refused(submit({ idempotencyKey: 'two words' }), 'invalid_request')
  expect(await stored()).toEqual(keys)
  expect(await jobsOf()).toHaveLength(1)
})

test('short of memory, a request without a key is refused unread, one with a key is left to the store', async () => {
  deps = { ...deps, memoryPressure: () => true }
  let reads = 0
  const read = async () => {
    reads++
    return jsonBody({ input: {} }, 2)
  }
  await refused(submit({ read }), 'storage_pressure')
  expect(reads).toBe(0)
  expect((await submit({ read, idempotencyKey: 'k' })).replayed).toBe(false)
})

test('a job whose keeping was not heard of in time keeps its files, and loses them if it turns out refused', async () => {
  let answer = (): void => undefined
  const ids: JobId[] = []
  const late = (real: boolean): SubmitDeps['intake'] => ({
    seen: (job) => queue.jobs.seen(job),
    tryOut: (job) => queue.jobs.tryOut(job),
    submit: async (job) => {
      ids.push(job.id)
      await new Promise<void>((resolve) => (answer = resolve))
      return real ? queue.jobs.submit(job) : full
    },
  })
  deps = { ...deps, intake: late(true) }
  await refused(submit({ input: { image: picture(1) } }), 'unavailable')
  answer()
  await until('it is kept', async () => (await queue.jobs.get(ids[0] as JobId, { tenant })).outcome === 'found')
  expect(await stored()).toHaveLength(1)

  deps = { ...deps, intake: late(false) }
  await refused(submit({ input: { image: picture(2) } }), 'unavailable')
  expect(await stored()).toHaveLength(2)
  answer()
  await until('its file is gone', async () => (await stored()).length === 1)
})
