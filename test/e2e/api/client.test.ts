import { createHash } from 'node:crypto'
import { createClient, isFinal, JobFailedError } from '@millrace/client'
import type { FileView } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MillraceProcess, startMillrace } from '../../support/processes/millrace-process.ts'
import { freePort } from '../../support/servers/redis-server.ts'
import { SHIPPED_MODELS, type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** The client against real processes. */

let stack: Stack
const apis: MillraceProcess[] = []

beforeAll(async () => {
  const port = String(await freePort())
  const models = `${SHIPPED_MODELS}/echo,${TEST_MODELS}/flaky`
  stack = await startStack({ env: { MILLRACE_MODELS: models, MILLRACE_PORT: port } })
  for (const model of ['echo', 'flaky']) await stack.client.ready(model)
}, 60_000)
afterAll(async () => {
  await Promise.all(apis.map((api) => api.kill('SIGKILL')))
  await stack.stop()
})

const connect = () => createClient({ url: stack.client.url })

it('runs a job and streams a file of its output back intact', async () => {
  const client = connect()
  const size = 3_000_000
  const { output, status } = await client.run('echo', { message: 'hi', size_bytes: size })
  const { message, file } = output as { message: string; file: FileView }
  expect([status, message, file.size]).toEqual(['succeeded', 'hi', size])
  const hash = createHash('sha256')
  for await (const chunk of await client.download(file)) hash.update(chunk)
  expect(hash.digest('hex')).toBe(file.sha256)
})

it('makes one job of one key, and tells of a failed job by its error', async () => {
  const client = connect()
  const first = await client.submit('echo', { message: 'once' }, { idempotencyKey: 'once' })
  expect((await client.submit('echo', { message: 'once' }, { idempotencyKey: 'once' })).id).toBe(first.id)
  const input = { counter_file: '/nowhere/at/all' }
  const error: unknown = await client.run('flaky', input, { max_attempts: 1 }).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(JobFailedError)
  expect(error).toMatchObject({ code: 'model_error', job: { status: 'failed' } })
})

it('waits and watches on through a kill -9 of the API and its restart', async () => {
  // A busy machine takes its time to start the server again.
  const client = createClient({ url: stack.client.url, retries: 12 })
  const job = await client.submit('echo', { message: 'through', delay_seconds: 4 })
  const fractions: number[] = []
  const watching = (async () => {
    for await (const seen of client.watch(job.id)) {
      if (seen.progress) fractions.push(seen.progress.fraction)
      if (isFinal(seen)) return seen.status
    }
    return 'cut off'
  })()
  const both = Promise.all([client.wait(job.id, { waitSeconds: 60 }), watching])
  // It is looked at below, when the server is back.
  both.catch(() => undefined)
  await until('progress is seen', () => fractions.length > 0)
  await stack.api.kill('SIGKILL')
  const again = startMillrace('api', stack.env)
  apis.push(again)
  await again.url()
  const [waited, watched] = await both
  expect(waited).toMatchObject({ id: job.id, status: 'succeeded', output: { message: 'through' } })
  expect(watched).toBe('succeeded')
  expect([...fractions].sort((a, b) => a - b)).toEqual(fractions)
}, 90_000)
