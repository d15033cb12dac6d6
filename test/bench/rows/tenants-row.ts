/**
 * Row 12: what many tenants cost each other. Submits with 10,000 keys of 1,000 tenants against submits with one key; then how long
 * the submits of one tenant take while another sends 50 times what it may.
 */
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { base32 } from '@millrace/contracts'
import type { Queue } from '@millrace/queue'
import { openTestQueue } from '../../support/open-test-queue.ts'
import { HttpLine } from '../load/http-line.ts'
import type { FloodPlan } from '../load/load-plan.ts'
import { residentMegabytes } from '../measure/cpu-clock.ts'
import { measureLoad } from '../measure/measure-load.ts'
import { quantile } from '../measure/median.ts'
import { redisBytes } from '../measure/redis-memory.ts'
import { takeTurns } from '../measure/take-turns.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { cpuNotes } from './cpu-note.ts'
import { milliseconds, perSecond, type Row, type RowContext, type RowResult, verdictOf } from './row.ts'

const KEYS = 10_000
const TENANTS = 1000
const TARGET = 0.95
/** The loud tenant may submit so often, and sends 50 times that. */
const PER_MINUTE = 120
const LOUD_EVERY_MS = 60_000 / (50 * PER_MINUTE)
const CALM_EVERY_MS = 10
/** Of the other tenant's p99, against that when it is alone. */
const MOST_DISTURBANCE = 1.2
/** Jobs are not cleared away between rounds, for the keys would go too. */
const LONGEST_ROUND_MS = 2000

export const tenantsRow: Row = {
  number: 12,
  async run(context) {
    const stack = await startMillraceStack({ env: { MILLRACE_API_KEY: base32(randomBytes(32)) } })
    const queue = openTestQueue(`redis://127.0.0.1:${stack.redis.options.port}`)
    try {
      return [await compareKeys(context, stack, queue), await disturb(context, stack, queue)]
    } finally {
      await queue.close()
      await stack.stop()
    }
  },
}

async function makeKey(queue: Queue, tenant: string): Promise<string> {
  const id = base32(randomBytes(16))
  const text = `mr_${id}_${base32(randomBytes(52))}`
  const digest = createHash('sha256').update(text).digest('hex')
  const bounds = { scopes: ['jobs:write'], models: null, createdBy: null, expiresMs: null } as const
  await queue.keys.create({ id, digest, tenant, name: 'bench', ...bounds })
  return text
}

async function makeKeys(queue: Queue): Promise<string[]> {
  const keys: string[] = []
  while (keys.length < KEYS) {
    const some = Array.from({ length: 100 }, (_, n) => makeKey(queue, `t${(keys.length + n) % TENANTS}`))
    keys.push(...(await Promise.all(some)))
  }
  return keys
}

const withKey = ({ submit }: BenchStack, key: string) => ({
  ...submit,
  headers: { ...submit.headers, authorization: `Bearer ${key}` },
})

async function compareKeys(context: RowContext, stack: BenchStack, queue: Queue): Promise<RowResult> {
  const [one, many] = [[await makeKey(queue, 'single')], await makeKeys(queue)]
  const plan = (keys: string[]): FloodPlan => ({
    kind: 'flood',
    url: stack.url,
    connections: 64,
    durationMs: Math.min(context.roundMs, LONGEST_ROUND_MS),
    requests: keys.map((key) => withKey(stack, key)),
    idempotencyKeys: false,
    expectStatus: stack.submitStatus,
  })
  const before = await memoryOf(stack)
  // Each key is looked up once, and is known from then on.
  await measureLoad(context.generator, stack, { ...plan(many), durationMs: 60_000, most: KEYS })
  const after = await memoryOf(stack)
  const measured = await takeTurns(
    [
      { name: 'many keys', round: () => measureLoad(context.generator, stack, plan(many)) },
      { name: 'one key', round: () => measureLoad(context.generator, stack, plan(one)) },
    ],
    context.rounds,
  )
  const ratio = measured.ratio('many keys', 'one key', 'perSecond')
  const cost = measured.ratio('many keys', 'one key', 'apiUs')
  return {
    row: '12a',
    what: 'Submit 1 KB, 64 clients, with 10,000 keys of 1,000 tenants; bare is one key',
    millrace: perSecond(measured.median('many keys', 'perSecond')),
    bare: perSecond(measured.median('one key', 'perSecond')),
    ratio,
    target: `≥ ${TARGET}`,
    met: verdictOf(ratio, (value) => value >= TARGET),
    notes: [
      ...cpuNotes(measured, 'submit'),
      `CPU of the API per submit is ${cost.median.toFixed(2)} of that with one key.`,
      `Meeting the keys and keeping a job of each, the API grew by ${(after.api - before.api).toFixed(0)} MB.`,
      `Redis keeps ${(before.redis / 2 ** 20).toFixed(1)} MB with the keys and without jobs.`,
    ],
  }
}

const memoryOf = async ({ pids, redis }: BenchStack) => ({
  api: residentMegabytes(pids.api?.[0] ?? 0),
  redis: await redisBytes(redis),
})

/** Sends a submit every so often, on lines of its own, until it is told to stop. Answers how long each took, and how many were taken. */
function sendEvery(stack: BenchStack, key: string, everyMs: number) {
  const state = { isOver: false, taken: 0, times: [] as number[] }
  const request = withKey(stack, key)
  const drive = async (offset: number, lines: number) => {
    const line = await HttpLine.open(stack.url)
    const began = performance.now() + offset * everyMs
    for (let n = 0; !state.isOver; n++) {
      const ahead = began + n * lines * everyMs - performance.now()
      if (ahead > 0) await pause(ahead)
      const sent = performance.now()
      const { status } = await line.send(request)
      state.times.push(performance.now() - sent)
      if (status === stack.submitStatus) state.taken++
    }
    line.close()
  }
  const driven = Promise.all(Array.from({ length: 4 }, (_, offset) => drive(offset, 4)))
  return {
    async end() {
      state.isOver = true
      await driven
      return state
    },
  }
}

async function disturb(context: RowContext, stack: BenchStack, queue: Queue): Promise<RowResult> {
  const [loud, calm] = [await makeKey(queue, 'loud'), await makeKey(queue, 'calm')]
  await queue.tenants.change('loud', { submits_per_minute: PER_MINUTE })
  let sent = 0
  let taken = 0
  const p99Of = async () => {
    const sender = sendEvery(stack, calm, CALM_EVERY_MS)
    await pause(context.roundMs)
    return { p99Ms: quantile((await sender.end()).times, 0.99) }
  }
  const beside = async () => {
    const flood = sendEvery(stack, loud, LOUD_EVERY_MS)
    const figures = await p99Of()
    const { times, taken: some } = await flood.end()
    sent += times.length
    taken += some
    return figures
  }
  const measured = await takeTurns(
    [
      { name: 'beside', round: beside },
      { name: 'alone', round: p99Of },
    ],
    context.rounds,
  )
  const ratio = measured.ratio('beside', 'alone', 'p99Ms')
  return {
    row: '12b',
    what: 'Submits of a tenant, p99, while another sends 50 times what it may; bare is alone',
    millrace: milliseconds(measured.median('beside', 'p99Ms')),
    bare: milliseconds(measured.median('alone', 'p99Ms')),
    ratio,
    target: `≤ ${MOST_DISTURBANCE}`,
    met: verdictOf(ratio, (value) => value <= MOST_DISTURBANCE),
    notes: [`Of the other tenant ${sent} submits came and ${taken} were taken.`],
  }
}
