import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Stack, startStack } from '../../support/start-stack.ts'

/** A model may do its worst: its job gets a clear error, the next one runs. */

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
  for (const model of ['crash', 'garbage', 'hang']) await stack.client.ready(model)
}, 60_000)
afterAll(() => stack.stop())

describe.each([
  ['crash', { mode: 'exit0' }, 'runner_crashed', { exit_code: 0 }],
  ['crash', { mode: 'segfault' }, 'runner_crashed', { signal: 'SIGSEGV' }],
  ['garbage', { mode: 'nan' }, 'invalid_output', undefined],
  ['garbage', { mode: 'wrong-type' }, 'invalid_output', undefined],
  ['garbage', { mode: 'throw-undefined' }, 'model_error', undefined],
  ['garbage', { mode: 'raw-bytes' }, 'protocol_error', undefined],
  ['garbage', { mode: 'outside-file' }, 'invalid_output', undefined],
  ['garbage', { mode: 'many-files' }, 'invalid_output', undefined],
])('a model that does %s %o', (model, input, code, details) => {
  it(`fails its job with ${code}, and the next job is fine`, async () => {
    const bad = await stack.client.run(model, input)
    expect(bad).toMatchObject({ status: 'failed', error: { code, ...(details ? { details } : {}) } })
    expect(bad.error?.message).not.toBe('')
    const next = await stack.client.run(model, { mode: 'ok' })
    expect(next.status).toBe('succeeded')
  }, 60_000)
})

it('starts a crashing job three times and no more', async () => {
  expect(await stack.client.run('crash', { mode: 'exit1' })).toMatchObject({ status: 'failed', attempt: 3 })
}, 60_000)

it('cuts off a model that blocks past its time', async () => {
  const bad = await stack.client.run('hang', { mode: 'block', seconds: 60 }, { timeout: 0.5 })
  expect(bad).toMatchObject({ status: 'failed', error: { code: 'timeout' }, attempt: 1 })
  expect((await stack.client.run('hang', { mode: 'block', seconds: 0 })).status).toBe('succeeded')
}, 30_000)

it('stays small and well while a model prints 50 MB', async () => {
  expect(await stack.client.run('garbage', { mode: 'print-50mb' })).toMatchObject({ output: { value: 'printed' } })
}, 30_000)
