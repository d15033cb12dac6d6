/** `millrace api` in several processes: to whoever asks it is one, whatever happens to some of them. */
import { request } from 'node:http'
import type { Job } from '@millrace/contracts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type EventReader, readEvents } from '../../support/event-reader.ts'
import { childrenOf } from '../../support/processes/children-of.ts'
import { isAlive } from '../../support/processes/is-alive.ts'
import { startMillrace } from '../../support/processes/millrace-process.ts'
import { type Stack, startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

const RUNS = { timeout: 120_000 }
/** Programs start, beside other tests. */
const SLOW = { timeoutMs: 45_000 }

let stack: Stack
let job: Job
beforeEach(async () => {
  stack = await startStack({
    env: { MILLRACE_MODELS: `${TEST_MODELS}/hang`, MILLRACE_API_PROCESSES: '2', MILLRACE_MAX_TENANT_STREAMS: '3' },
  })
  await stack.client.ready('hang')
  job = await stack.client.accepted('hang', { mode: 'polite' })
}, 100_000)
afterEach(async () => {
  for (const pid of members()) process.kill(pid, 'SIGCONT')
  await stack.stop()
})

const parent = (): number => stack.api.child.pid as number
const members = (): number[] => (isAlive(parent()) ? childrenOf(parent()) : [])

interface Answer {
  status: number
  body: string
}

/** On a connection of its own: while all are idle, these go from process to process in turn. */
function ask(path: string, method = 'GET', body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request(new URL(path, stack.client.url), { method, headers, agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function metric(name: string): Promise<number> {
  const line = (await ask('/metrics')).body.split('\n').find((text) => text.startsWith(name))
  return Number(line?.split(' ').at(-1))
}

async function waitingPolls(count: number): Promise<Promise<Answer>[]> {
  const before = await metric('millrace_http_connections')
  const polls = Array.from({ length: count }, () => ask(`/v1/jobs/${job.id}?wait=60`))
  for (const poll of polls) poll.catch(() => undefined)
  await until('all polls wait', async () => (await metric('millrace_http_connections')) >= before + count)
  return polls
}

const serveBoth = () => until('two serve', async () => (await metric('millrace_api_processes')) === 2, SLOW)

it('a process that is killed takes its own requests with it, and is started again', RUNS, async () => {
  const polls = await waitingPolls(12)
  const [killed = 0, other = 0] = members()
  process.kill(killed, 'SIGKILL')
  // How long its health says so depends on how soon the next one listens.
  await until('its end is counted', async () => (await metric('millrace_api_process_ends_total')) === 1, SLOW)
  await serveBoth()
  await until('all is well', async () => (await ask('/readyz')).body === '{"status":"ok","reasons":[]}', SLOW)
  expect(members()).toContain(other)
  expect(members()).not.toContain(killed)
  await ask(`/v1/jobs/${job.id}/cancel`, 'POST')
  const ends = await Promise.allSettled(polls)
  const statuses = ends.map((end) => (end.status === 'fulfilled' ? (JSON.parse(end.value.body) as Job).status : 'cut'))
  // How many each process had depends on which of them was busy.
  expect(new Set(statuses)).toEqual(new Set(['canceled', 'cut']))
})

it('answers with the measurements of all processes, whichever is asked and whichever died', RUNS, async () => {
  const submits = 'millrace_submits_total{model="hang",outcome="created"}'
  for (let i = 0; i < 5; i++) await ask('/v1/models/hang/jobs', 'POST', '{"input":{"mode":"polite"}}')
  expect([await metric(submits), await metric(submits)]).toEqual([6, 6])
  // What all see alike is not added up.
  expect(await metric('millrace_workers{')).toBe(1)
  for (const pid of members()) {
    process.kill(pid, 'SIGKILL')
    await until('it is gone', () => !members().includes(pid), SLOW)
    await serveBoth()
  }
  expect(await metric(submits)).toBe(6)
})

it('holds the limits of all processes together, and gives back what a dead one held', RUNS, async () => {
  const path = `${stack.client.url}/v1/jobs/${job.id}/events`
  const streams: EventReader[] = []
  for (let i = 0; i < 3; i++) streams.push(await readEvents(path))
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200])
  for (let i = 0; i < 2; i++) expect((await ask(`/v1/jobs/${job.id}/events`)).status).toBe(429)
  const [killed = 0] = members()
  let cut = 0
  for (const { closed } of streams) void closed.then((how) => (cut += how === 'cut' ? 1 : 0))
  process.kill(killed, 'SIGKILL')
  await serveBoth()
  await until('its streams are cut', () => cut > 0)
  expect(cut).toBeLessThan(3)
  for (let i = 0; i < cut; i++) expect((await readEvents(path)).status).toBe(200)
  expect((await ask(`/v1/jobs/${job.id}/events`)).status).toBe(429)
})

it('says no while one of them does not answer', RUNS, async () => {
  const [frozen = 0] = members()
  process.kill(frozen, 'SIGSTOP')
  // The frozen one is handed one connection, and no more before it takes that.
  const asked = [ask('/readyz'), ask('/readyz')]
  const { status, body } = await Promise.any(asked)
  expect([status, body]).toEqual([503, expect.stringContaining('process 1 of the API does not answer')])
  process.kill(frozen, 'SIGCONT')
  await Promise.all(asked)
  // What it saw before it was frozen is old; it looks again.
  await until('its health says yes again', async () => (await ask('/readyz')).status === 200)
})

// A terminal and some supervisors send the signal to all processes, others to the parent alone.
it.each(['the parent', 'all'])('ends in order when %s is told to: long polls answer', RUNS, async (whom) => {
  const polls = await waitingPolls(4)
  const pids = members()
  if (whom === 'all') for (const pid of pids) process.kill(pid, 'SIGTERM')
  process.kill(parent(), 'SIGTERM')
  for (const poll of polls) expect(JSON.parse((await poll).body)).toMatchObject({ id: job.id, status: 'running' })
  expect(await stack.api.gone).toBe(0)
  expect(pids.filter(isAlive)).toEqual([])
})

it('leaves nobody behind when its parent is killed', RUNS, async () => {
  const pids = members()
  expect(pids).toHaveLength(2)
  await stack.api.kill('SIGKILL')
  await until('all are gone', () => !pids.some(isAlive))
})

it('says once that its port is taken', RUNS, async () => {
  const second = startMillrace('api', { ...stack.env, MILLRACE_PORT: new URL(stack.client.url).port })
  expect(await second.gone).toBe(1)
  const said = second.log.filter(({ text }) => String(text).includes('is taken: end the program that listens there'))
  expect(said).toHaveLength(1)
})
