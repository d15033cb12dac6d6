/** Bytes that lie in the object store for a tenant: counted by the scripts that keep and purge, once each, with a real Redis. */
import { type Payload, type StoredFile } from '@millrace/contracts'
import { newJobId } from '@millrace/queue'
import { beforeAll, expect, it } from 'vitest'
import { openQueueStand } from '../../../../test/support/open-queue-stand.ts'
import { newJob } from '../../../../test/support/open-test-queue.ts'
import { holdJob, ownLine } from '../../../../test/support/take-jobs.ts'

const { queue, raw } = await openQueueStand({ lockMs: 600_000 })
const tenant = 'acme'
const stored = (size: number) => ({ key: 'k', size, sha256: '0'.repeat(64) })
const file = (size: number): StoredFile => ({
  ...{ ...stored(size), id: `file_${'a'.repeat(34)}.o0`, pointer: '/0', content_type: 'text/plain', name: 'a.txt' },
})
const largeInput = () => ({ value: { stored: stored(50_000) }, files: [file(9)] })
const output: Payload<StoredFile> = { value: { stored: stored(40_000) }, files: [file(7)] }

beforeAll(async () => {
  await raw.sadd('mr:models', 'ocr', 'echo')
})

const bytes = () => queue.usage.storedBytes(tenant)

it('counts large inputs and outputs from when they are kept until the job is purged', async () => {
  const job = newJob({ id: newJobId('ocr'), model: 'ocr', tenant, line: ownLine(), input: largeInput() })
  await queue.jobs.submit(job)
  // Files of an input are counted where files are.
  expect(await bytes()).toBe(50_000)
  await queue.jobs.submit(job)
  const first = await holdJob(queue, job)
  const error = { code: 'model_error', message: 'no', retryable: true } as const
  await queue.attempts.fail(first, { blame: 'final', error, partial: output })
  await queue.attempts.fail(first, { blame: 'final', error, partial: output })
  expect(await bytes()).toBe(90_007)
  // What an attempt left stays until the purge, whatever the job becomes.
  await queue.jobs.rerun(job.id, tenant)
  await queue.attempts.succeed(await holdJob(queue, job), { output, runSeconds: 1 })
  expect(await bytes()).toBe(130_014)
  const small = newJob({ model: 'echo', tenant, line: ownLine() })
  await queue.jobs.submit(small)
  await queue.attempts.succeed(await holdJob(queue, small), {
    output: { value: { inline: '1' }, files: [] },
    runSeconds: 1,
  })
  expect(await bytes()).toBe(130_014)
  await queue.jobs.purge(job.id, tenant)
  await queue.jobs.purge(job.id, tenant)
  expect(await bytes()).toBe(0)
})

it('counts a file once, from when it is announced, in whatever way it goes', async () => {
  const sha256 = '1'.repeat(64)
  const facts = { name: 'a.txt', contentType: 'text/plain' }
  const announced = { ...facts, size: 1000, sha256, upload: undefined }
  const [one, two, three] = ['a', 'b', 'c'].map((letter) => `file_${letter.repeat(34)}` as const)
  await queue.files.announce(tenant, { id: one!, object: 'o1', ...announced })
  await queue.files.announce(tenant, { id: two!, object: 'o2', ...announced })
  expect(await bytes()).toBe(2000)
  await queue.files.keepFile(tenant, one!, { object: 'o1', size: 1000, sha256 }, { ...facts, announced: true })
  await queue.files.keepFile(tenant, one!, { object: 'o1', size: 1000, sha256 }, { ...facts, announced: true })
  expect(await bytes()).toBe(2000)
  await queue.files.release(tenant, two!)
  await queue.files.keepFile(tenant, three!, { object: 'o3', size: 1000, sha256 }, facts)
  expect(await bytes()).toBe(1000)
  await queue.files.release(tenant, one!)
  expect(await bytes()).toBe(1000)
  await queue.files.release(tenant, three!)
  await queue.files.release(tenant, three!)
  expect(await bytes()).toBe(0)
})
