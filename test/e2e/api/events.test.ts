import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createClient, type StreamedEvent } from '@millrace/client'
import type { Job } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type MillraceProcess, startMillrace } from '../../support/processes/millrace-process.ts'
import { freePort } from '../../support/servers/redis-server.ts'
import { type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** What a model says while it runs, seen live through real processes: by the client and by the command line. */

const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
let stack: Stack
let api: MillraceProcess
const running = new Set<ChildProcess>()

beforeAll(async () => {
  const port = String(await freePort())
  stack = await startStack({ env: { MILLRACE_MODELS: `${TEST_MODELS}/stream`, MILLRACE_PORT: port } })
  api = stack.api
  await stack.client.ready('stream')
}, 60_000)
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await api.kill('SIGKILL')
  await stack.stop()
})

function start(args: string[]) {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { PATH: process.env.PATH, MILLRACE_URL: stack.client.url },
  })
  running.add(child)
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const code = once(child, 'close').then(([exit]) => (running.delete(child), exit as number | null))
  return { out: () => out, err: () => err, code }
}

const logs = (events: StreamedEvent[]) => events.flatMap((event) => (event.type === 'log' ? [event.message] : []))
const lines = (count: number) => Array.from({ length: count }, (_, n) => `sent ${n}`)

it('shows the log lines of a model while it runs, its progress, and its output at the end', async () => {
  const called = start(['submit', 'stream', 'chunks=8', 'pause_ms=500'])
  await until('its first line is shown', () => called.err().includes('  sent 0\n'), { timeoutMs: 30_000 })
  expect(called.out()).toBe('')
  expect(await called.code).toBe(0)
  expect(called.err().match(/^ {2}sent \d$/gm)).toEqual(lines(8).map((line) => `  ${line}`))
  expect(called.err()).toMatch(/^running +\d+ % +chunk \d$/m)
  expect(JSON.parse(called.out())).toEqual({ chunks: 8 })
  const id = /job_\w+/.exec(called.err())?.[0] ?? ''
  const again = start(['watch', id])
  expect(await again.code).toBe(0)
  expect(again.err().match(/^ {2}sent \d$/gm)).toHaveLength(8)
}, 60_000)

it('prints the chunks as they come and the job at the end, as JSON', async () => {
  const called = start(['submit', 'stream', 'chunks=3', 'pause_ms=100', '--json'])
  expect([await called.code, called.err()]).toEqual([0, ''])
  const [one, two, three, ...rest] = called.out().split('\n')
  expect([one, two, three].map((line) => JSON.parse(line ?? '') as StreamedEvent)).toMatchObject(
    [0, 1, 2].map((index) => ({ type: 'output', chunk: { index } })),
  )
  expect(JSON.parse(rest.join('\n')) as Job).toMatchObject({ status: 'succeeded', output: { chunks: 3 } })
}, 60_000)

it('goes on after a kill -9 of the API and a restart of Redis, without a line lost or doubled', async () => {
  const client = createClient({ url: stack.client.url, retries: 30 })
  const job = await client.submit('stream', { chunks: 60, pause_ms: 100 })
  const events: StreamedEvent[] = []
  const fractions: number[] = []
  const following = Promise.all([
    (async () => {
      for await (const event of client.events(job.id)) events.push(event)
    })(),
    (async () => {
      for await (const seen of client.watch(job.id)) if (seen.progress) fractions.push(seen.progress.fraction)
    })(),
  ])
  following.catch(() => undefined)
  await until('lines are seen', () => logs(events).length > 5, { timeoutMs: 20_000 })
  await api.kill('SIGKILL')
  api = startMillrace('api', stack.env)
  await api.url()
  const before = logs(events).length
  await until('more lines are seen', () => logs(events).length > before, { timeoutMs: 20_000 })
  await stack.redis.restart()
  await following
  expect(logs(events)).toEqual(lines(60))
  expect(events.flatMap((event) => (event.type === 'output' ? [event.chunk] : []))).toHaveLength(60)
  expect(events.at(-1)).toMatchObject({ type: 'done', job: { id: job.id, status: 'succeeded' } })
  const ids = events.flatMap((event) => ('id' in event && event.id !== undefined ? [event.id] : []))
  expect(new Set(ids).size).toBe(ids.length)
  expect(fractions.at(-1)).toBeGreaterThan(0.9)
  expect([...fractions].sort((a, b) => a - b)).toEqual(fractions)
}, 120_000)
