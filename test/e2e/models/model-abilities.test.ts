import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Job } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** Training, several runs in one process, partial output and a model's own notes, from the API to the runner and back. */

let stack: Stack

beforeAll(async () => {
  const models = ['notes', 'parallel', 'stream', 'trainer']
  stack = await startStack({
    env: { MILLRACE_MODELS: models.map((name) => `${TEST_MODELS}/${name}`).join(','), MILLRACE_SLOTS: 'cpu' },
  })
  for (const model of models) await stack.client.ready(model)
}, 60_000)
afterAll(() => stack.stop())

const progressing = (job: Job) =>
  until('the run is under way', async () => (await stack.client.job(job.id)).progress !== null)

it('trains a model, and shows how in its manifest', async () => {
  const done = await stack.client.run('trainer', { epochs: 4 }, { kind: 'training' })
  expect(done).toMatchObject({
    ...{ status: 'succeeded', kind: 'training', partial: false },
    output: { loss: 0.25, weights: { object: 'file', name: 'weights.bin' } },
    metrics: { model: { epochs: 4 } },
  })
  const model = await (await stack.client.request('/v1/models/trainer')).json()
  expect(model).toMatchObject({ training: { timeout_seconds: 7200 }, concurrency: 1 })
})

it('trains from the command line, by the schema of the training', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-train-'))
  const bin = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
  const submit = async (...args: string[]) => {
    const env = { PATH: process.env.PATH, MILLRACE_URL: stack.client.url }
    const child = spawn(process.execPath, [bin, 'submit', ...args], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
    const [code] = await once(child, 'close')
    return { code: code as number, said }
  }
  try {
    expect((await submit('trainer', 'epochs=2', '--kind', 'training', '--out', 'saved')).code).toBe(0)
    const [file = ''] = readdirSync(join(folder, 'saved'))
    expect(readFileSync(join(folder, 'saved', file), 'utf8')).toBe('2 epochs')
    expect(await submit('stream', '--kind', 'training')).toMatchObject({
      code: 2,
      said: expect.stringContaining('cannot be trained'),
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 30_000)

it('keeps what a stream had given before it failed, and clears it when it is retried', async () => {
  const failed = await stack.client.run('stream', { fail_after: 2, chunks: 3 })
  expect(failed).toMatchObject({ status: 'failed', partial: true, output: [{ index: 0 }, { index: 1 }] })
  const output = await stack.client.request(`/v1/jobs/${failed.id}/output`)
  expect(await output.json()).toEqual(failed.output)
  const again = await stack.client.request(`/v1/jobs/${failed.id}/retry`, { method: 'POST' })
  expect(await again.json()).toMatchObject({ status: 'queued', partial: false, output: null })
})

it('keeps what a stream had given before it was canceled', async () => {
  const job = await stack.client.accepted('stream', { chunks: 1000, pause_ms: 20 })
  await progressing(job)
  await stack.client.request(`/v1/jobs/${job.id}/cancel`, { method: 'POST' })
  const canceled = await stack.client.finished(job.id)
  expect(canceled).toMatchObject({ status: 'canceled', partial: true })
  expect((canceled.output as unknown[])[0]).toEqual({ index: 0 })
})

it("shows the details of a model's own error", async () => {
  const failed = await stack.client.run('notes', { mode: 'details' })
  expect(failed).toMatchObject({ status: 'failed', error: { details: { status: 429 } }, partial: false })
})

it('runs as many jobs in one process as the model takes, on one slot', async () => {
  const jobs = await Promise.all([1, 2, 3, 4].map(() => stack.client.accepted('parallel', { mode: 'meet', others: 3 })))
  const outputs = await Promise.all(jobs.map(async ({ id }) => (await stack.client.finished(id)).output))
  expect(outputs).toMatchObject([{ most: 4 }, { most: 4 }, { most: 4 }, { most: 4 }])
  expect(new Set(outputs.map((output) => (output as { pid: number }).pid)).size).toBe(1)
})

it('runs a job again, blaming nobody, when another took its process down by not stopping', async () => {
  const bystander = await stack.client.accepted('parallel', { mode: 'wait', seconds: 2 })
  await progressing(bystander)
  const deaf = await stack.client.run('parallel', { mode: 'never' }, { timeout: 0.2 })
  expect(deaf).toMatchObject({ status: 'failed', error: { code: 'timeout' } })
  expect(await stack.client.finished(bystander.id)).toMatchObject({ status: 'succeeded', attempt: 2, error: null })
}, 30_000)

it('fails the job that crashes its process, and no other that was in it', async () => {
  const bystander = await stack.client.accepted('parallel', { mode: 'wait', seconds: 2 })
  await progressing(bystander)
  const crashing = await stack.client.run('parallel', { mode: 'exit1' })
  expect(crashing).toMatchObject({ status: 'failed', error: { code: 'runner_crashed' } })
  const beside = await stack.client.finished(bystander.id)
  expect(beside).toMatchObject({ status: 'succeeded', error: null })
  expect(beside.attempt).toBeGreaterThan(1)
}, 60_000)
