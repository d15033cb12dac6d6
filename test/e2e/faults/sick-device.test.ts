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
  const slots = async () => {
    const { data } = (await (await stack.client.request('/v1/workers')).json()) as {
      data: { models: { slots: { device: string; state: string }[] }[] }[]
    }
    return data[0]?.models[0]?.slots ?? []
  }
  await until('both are loaded', async () => (await slots()).every(({ state }) => state === 'idle'))
  const ended: Awaited<ReturnType<typeof stack.client.run>>[] = []
  // A device whose process ends is soon there again and has more jobs, so some are there until it is out.
  await until('operators see it', async () => {
    const some = Array.from({ length: 10 }, (_, n) => stack.client.run('sick-device', { n: ended.length + n }))
    ended.push(...(await Promise.all(some)))
    return (await slots()).some(({ state }) => state === 'quarantined')
  })
  const states = new Map((await slots()).map(({ device, state }) => [device, state]))
  expect([states.size, states.get('cuda:1'), states.get('cuda:0')]).toEqual([
    2,
    'quarantined',
    expect.not.stringContaining('q'),
  ])
  const failed = ended.filter(({ status }) => status !== 'succeeded')
  expect(failed.length).toBeLessThanOrEqual(1)
  for (const { error } of failed) expect(error).toMatchObject({ code: 'model_error' })
  const done = ended.filter(({ status }) => status === 'succeeded')
  expect(new Set(done.map(({ output }) => (output as { device: string }).device))).toEqual(new Set(['0']))
})
