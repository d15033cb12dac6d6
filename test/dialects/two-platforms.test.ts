/**
 * The clients of two platforms submit to one line while workers are killed: each call has its answer, and each was one job. The long way
 * to kill things is in test/chaos.
 */
import { createRequire } from 'node:module'
import Replicate from 'replicate'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Stack } from '../support/start-stack.ts'
import { until } from '../support/until.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'

const { default: runpodSdk } = createRequire(import.meta.url)('runpod-sdk') as typeof import('runpod-sdk')

const JOBS = 30
const KILLS = 3
let stack: Stack

beforeAll(async () => {
  stack = await startDialectStack({ MILLRACE_LOCK_SECONDS: '2', MILLRACE_SLOTS: 'cpu*4' })
}, 60_000)
afterAll(() => stack?.stop())

interface Page {
  data: { id: string; status: string; input: { text: string }; output: unknown }[]
  next_cursor: string | null
}

async function allJobs(): Promise<Page['data']> {
  const jobs: Page['data'] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = (await (await stack.client.request(`/v1/jobs?limit=100${query}`)).json()) as Page
    jobs.push(...page.data)
    cursor = page.next_cursor
  }
  return jobs
}

it('loses nothing and doubles nothing', async () => {
  const replicate = new Replicate({ auth: KEY, baseUrl: `${stack.client.url}/replicate/v1` })
  const shout = runpodSdk(KEY, { baseUrl: `${stack.client.url}/runpod/v2` }).endpoint('shout')
  const answers = new Map<string, unknown>()
  const texts = (from: string) => Array.from({ length: JOBS }, (_, i) => `${from}${i}`)
  const replicates = texts('r').map(async (text) => {
    const input = { text, pause_ms: 40 }
    answers.set(text, await replicate.run('acme/shout', { input, wait: { mode: 'poll', interval: 100 } }))
  })
  const runpods = texts('p').map(async (text) => {
    answers.set(text, (await shout?.runSync({ input: { text, pause_ms: 40 } }))?.output)
  })
  for (let kill = 1; kill <= KILLS; kill++) {
    await until('more have ended', () => answers.size > kill * 6)
    const worker = stack.workers.at(-1)
    stack.startWorker()
    await worker?.kill('SIGKILL')
  }
  await Promise.all([...replicates, ...runpods])

  const asked = [...texts('r'), ...texts('p')]
  expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(asked.map((text) => [text, text.toUpperCase()])))
  const jobs = await allJobs()
  expect(jobs.map(({ input }) => input.text).toSorted()).toEqual(asked.toSorted())
  expect(new Set(jobs.map(({ status }) => status))).toEqual(new Set(['succeeded']))
}, 120_000)
