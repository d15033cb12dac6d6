import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Stack, startStack } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** Two devices, of which one is broken; a machine without a GPU will do, for the model looks only at what it was pinned to. */

const MODEL = fileURLToPath(new URL('./models/sick-device', import.meta.url))

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ env: { MILLRACE_MODELS: MODEL, MILLRACE_SLOTS: 'cuda:0,cuda:1' } })
  await stack.client.ready('sick-device')
}, 60_000)
afterAll(() => stack.stop())

it('fails one job, not a hundred, and is put into quarantine', async () => {
  const ended = await Promise.all(Array.from({ length: 60 }, (_, n) => stack.client.run('sick-device', { n })))
  const failed = ended.filter(({ status }) => status !== 'succeeded')
  expect(failed.length).toBeLessThanOrEqual(1)
  for (const { error } of failed) expect(error).toMatchObject({ code: 'model_error' })
  const done = ended.filter(({ status }) => status === 'succeeded')
  expect(new Set(done.map(({ output }) => (output as { device: string }).device))).toEqual(new Set(['0']))
  const slots = async () => {
    const { data } = (await (await stack.client.request('/v1/workers')).json()) as {
      data: { models: { slots: object[] }[] }[]
    }
    return data[0]?.models[0]?.slots
  }
  await until('operators see it', async () => JSON.stringify(await slots()).includes('quarantined'))
  expect(await slots()).toMatchObject([{ device: 'cuda:0' }, { device: 'cuda:1', state: 'quarantined' }])
})
