/** Row 6: thousands of event streams on one API process: their memory, and how late the end of a job arrives. */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Hold, openQueue, type Queue } from '@millrace/queue'
import { newJob, silent } from '../../support/open-test-queue.ts'
import { takeJobs } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'
import { startWatchers, type Watchers } from '../load/start-watchers.ts'
import { processCpuSeconds, residentMegabytes } from '../measure/cpu-clock.ts'
import { median, quantile } from '../measure/median.ts'
import type { BenchStack } from '../stacks/bench-stack.ts'
import { startMillraceStack } from '../stacks/start-millrace-stack.ts'
import { milliseconds, type Row, type RowContext, type Verdict } from './row.ts'

const WATCHERS = 5000
/** Jobs that end per second. The design asks for 1,000 with 10,000 watchers, on more cores than two. */
const RATE = 200
const MOST_KILOBYTES = 35
const MOST_MS = 10
const LIMITS = { tenantJobs: 1e8, modelJobs: 1e8, retentionSeconds: 3600 }
/** Beside its streams a process holds a few other files. */
const OTHER_FILES = 200

export const watchRow: Row = {
  number: 6,
  async run(context) {
    const stack = await startMillraceStack()
    const queue = openQueue({ url: urlOf(stack), role: 'worker', logger: silent, limits: LIMITS, lockMs: 30_000 })
    const watchers = startWatchers()
    try {
      return await measure(context, { stack, queue, watchers })
    } finally {
      watchers.stop()
      await queue.close()
      await stack.stop()
    }
  },
}

interface Parts {
  stack: BenchStack
  queue: Queue
  watchers: Watchers
}

async function measure({ rounds, roundMs }: RowContext, { stack, queue, watchers }: Parts) {
  const count = Math.min(WATCHERS, openFiles() - OTHER_FILES)
  // What is loaded and grown once, whatever the number of watchers, is there before the first measurement.
  await end(queue, await watched({ stack, queue, watchers }, 500), Number.POSITIVE_INFINITY)
  await watchers.report()
  const before = await stillMemory(stack)
  const holds = await watched({ stack, queue, watchers }, count)
  const kilobytes = ((await stillMemory(stack)) - before) * (1e6 / 1024 / count)

  const cpuBefore = apiCpu(stack)
  await watchers.report()
  const p50s: number[] = []
  const p99s: number[] = []
  let noting = 0
  const perRound = Math.floor(Math.min((RATE * roundMs) / 1000, (count * 0.9) / rounds))
  for (let round = 0; round < rounds; round += 1) {
    await end(queue, holds.splice(0, perRound), RATE)
    const { latenciesMs, cpuSeconds } = await arrived(watchers, perRound)
    noting += cpuSeconds
    p50s.push(median(latenciesMs))
    p99s.push(quantile(latenciesMs, 0.99))
  }
  const ended = perRound * rounds
  const cpuUs = ((apiCpu(stack) - cpuBefore) * 1e6) / ended
  const common = { bare: '', notes: [] }
  return [
    {
      ...common,
      row: '6a',
      what: `Memory of the API per watcher of an event stream, ${count} of them, a job each`,
      millrace: `${kilobytes.toFixed(1)} KB`,
      target: `≤ ${MOST_KILOBYTES} KB`,
      met: (kilobytes <= MOST_KILOBYTES ? 'yes' : 'no') as Verdict,
    },
    {
      ...common,
      row: '6b',
      what: `End of a job to its watcher, p99, ${count} watchers, ${RATE} ends/s`,
      millrace: milliseconds(median(p99s)),
      target: `≤ ${MOST_MS} ms`,
      met: verdict(p99s),
      notes: [
        `p99 by round: ${p99s.map((value) => value.toFixed(1)).join(', ')} ms; p50 ${milliseconds(median(p50s))}. Counted from the millisecond in which the script wrote the event, so up to 1 ms too much.`,
        `${RATE} ends a second, not the 1,000 of the design: watchers, API, Redis and the bench share this machine. ` +
          `API ${cpuUs.toFixed(0)} µs of CPU per end, job and goodbye included; the watchers' process ${((noting * 1e6) / ended).toFixed(0)} µs.`,
      ],
    },
  ]
}

const verdict = (p99s: number[]): Verdict => {
  const met = p99s.filter((value) => value <= MOST_MS).length
  return met === p99s.length ? 'yes' : met === 0 ? 'no' : 'unclear'
}

/** Jobs that run, each with a watcher that has seen so. */
async function watched({ stack, queue, watchers }: Parts, count: number): Promise<Hold[]> {
  const jobs = Array.from({ length: count }, () => newJob({ model: 'noop', expiresInSeconds: 86_400 }))
  await Promise.all(jobs.map((job) => queue.jobs.submit(job)))
  const { records } = await takeJobs(queue, 'noop', { places: count, alone: false })
  const holds = records.map(({ id, fence }): Hold => ({ id, fence }))
  await watchers.watch({ url: stack.url, ids: jobs.map(({ id }) => id) })
  return holds
}

/** Ends jobs at a steady rate: late ones are not caught up with in a burst. */
async function end(queue: Queue, holds: Hold[], rate: number): Promise<void> {
  const done: Promise<unknown>[] = []
  let due = performance.now()
  for (const hold of holds) {
    due = Math.max(due + 1000 / rate, performance.now() - 1000 / rate)
    const wait = due - performance.now()
    if (wait > 0) await pause(wait)
    done.push(queue.attempts.succeed(hold, { output: { value: { inline: '{"text":"a"}' }, files: [] }, runSeconds: 0 }))
  }
  await Promise.all(done)
}

async function arrived(watchers: Watchers, count: number) {
  const all = { latenciesMs: [] as number[], cpuSeconds: 0 }
  await until('every end has arrived', async () => {
    const { latenciesMs, cpuSeconds } = await watchers.report()
    all.latenciesMs.push(...latenciesMs)
    all.cpuSeconds += cpuSeconds
    return all.latenciesMs.length >= count
  })
  return all
}

/** Megabytes once they no longer change by half a percent from one second to the next. */
function stillMemory(stack: BenchStack): Promise<number> {
  let before = Number.POSITIVE_INFINITY
  const settled = () => {
    const now = residentMegabytes(stack.pids.api?.[0] ?? 0)
    const still = Math.abs(now - before) < now / 200
    before = now
    return still ? now : undefined
  }
  return until('the memory of the API is still', settled, { timeoutMs: 60_000, everyMs: 1000 })
}

const apiCpu = (stack: BenchStack): number => processCpuSeconds(stack.pids.api?.[0] ?? 0)

const urlOf = ({ redis }: BenchStack): string => `redis://127.0.0.1:${redis.options.port}`

/** Files a process may have open; Node takes what the hard limit allows. */
function openFiles(): number {
  const most = /^Max open files +\S+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
  return most === undefined ? Number.POSITIVE_INFINITY : Number(most)
}
