/** A job that a busy runner holds already: whatever happens to the runner, or is asked for meanwhile, the job is not lost, and blamed for nothing. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Job } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { childrenOf } from '../../support/processes/children-of.ts'
import { type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack({ env: { MILLRACE_MODELS: join(TEST_MODELS, 'stream') } })
  await stack.client.ready('stream')
}, 60_000)
afterAll(() => stack?.stop())

const entries = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []

/** The folder of a held run has one in it that says so, until it begins. */
function isHolding(): boolean {
  const roots = [
    join(stack.env.MILLRACE_DATA_DIR ?? '', 'work'),
    ...entries('/dev/shm').filter((path) => path.includes('millrace-work')),
  ]
  const own = roots.flatMap(entries).filter((path) => path.includes(`.${stack.workers[0]?.child.pid}.`))
  return own.flatMap(entries).some((path) => entries(path).some((name) => /\.held-\d+$/.test(name)))
}

/** A job that runs for a second, and one that its runner holds. */
async function submitPair(): Promise<{ front: Job; held: Job }> {
  // Behind runs that are short as a rule.
  for (let run = 0; run < 4; run += 1) await stack.client.run('stream', { chunks: 0 })
  const front = await stack.client.accepted('stream', { chunks: 5, pause_ms: 200 })
  await until('it runs', async () => (await stack.client.job(front.id)).progress !== null, { everyMs: 5 })
  const held = await stack.client.accepted('stream', { chunks: 0 })
  await until('the other one is held', isHolding, { everyMs: 5 })
  return { front, held }
}

const told = ({ attempts }: Job) => attempts.map(({ number, outcome, error }) => [number, outcome, error])

it('blames the run alone that went on when its runner is killed', async () => {
  const { front, held } = await submitPair()
  const [runner = 0] = childrenOf(stack.workers[0]?.child.pid ?? 0)
  process.kill(runner, 'SIGKILL')
  const [crashed, innocent] = [await stack.client.finished(front.id), await stack.client.finished(held.id)]
  expect(told(crashed)).toEqual([
    [1, 'failed', 'runner_crashed'],
    [2, 'succeeded', null],
  ])
  expect(told(innocent)).toEqual([[1, 'succeeded', null]])
})

it('takes one that is canceled back without a run', async () => {
  const { front, held } = await submitPair()
  await stack.client.request(`/v1/jobs/${held.id}/cancel`, { method: 'POST' })
  const canceled = await stack.client.finished(held.id)
  expect([told(canceled), canceled.attempt]).toEqual([[[null, 'canceled', null]], 0])
  expect((await stack.client.job(front.id)).status).toBe('running')
  expect((await stack.client.finished(front.id)).status).toBe('succeeded')
})

it('gives it back when its worker goes away, which lets the run before it end', async () => {
  const { front, held } = await submitPair()
  const gone = stack.workers[0]?.kill('SIGTERM')
  const back = await until('it is given back', async () => {
    const job = await stack.client.job(held.id)
    return job.status === 'queued' ? job : undefined
  })
  expect(told(back)).toEqual([[null, 'released', null]])
  expect((await stack.client.finished(front.id)).status).toBe('succeeded')
  await gone
  stack.startWorker()
  const done = await stack.client.finished(held.id)
  expect([told(done).at(-1), done.attempt]).toEqual([[1, 'succeeded', null], 1])
})
