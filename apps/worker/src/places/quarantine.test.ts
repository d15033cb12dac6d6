/** A device that is not well: which runs it is blamed for, when its slot is taken out, and how that comes back. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { JobId } from '@millrace/contracts'
import type { Runner, RunOutcome } from '@millrace/host'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { isIll } from './slot-health.ts'
import { SlotPool } from './slot-pool.ts'

const never = new AbortController().signal
const jobOf = (n: number): JobId => `job_${String(n).padStart(34, 'a')}`
function aRunner() {
  const runner = {
    ready: true,
    loadFault: undefined as string | undefined,
    whenReady: (signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (runner.ready) return resolve()
        runner.wake = resolve
        signal?.addEventListener('abort', () => reject(signal.reason))
      }),
    renew: async () => undefined,
    wake: (): void => undefined,
  }
  return runner
}

/** A pool with a slot per device; each `run` gets the named one. */
function aPool(devices: string[]) {
  const news: string[] = []
  const checks = { answer: false, count: 0 }
  const pool = new SlotPool(() => undefined, {
    check: async () => {
      checks.count++
      return checks.answer
    },
    tell: (slot, what) => news.push(`${slot} ${what}`),
    retryMs: [1, 4],
  })
  onTestFinished(() => pool.close())
  const runners = new Map(devices.map((device) => [device, aRunner()]))
  for (const [device, runner] of runners) pool.add(device, runner as unknown as Runner)
  /** A run there; answers whether its job goes back unblamed. */
  const run = async (device: string, job: number, ill: boolean): Promise<boolean> => {
    const leases = await Promise.all(devices.map(() => pool.acquire(never, { patienceMs: 1000 })))
    const judged = leases.find(({ slot }) => slot === device)?.judge(jobOf(job), ill)
    for (const lease of leases) lease.release()
    if (judged === undefined) throw new Error(`${device} is out`)
    return judged
  }
  const stateOf = (device: string) => pool.states.find(({ slot }) => slot === device)?.state
  /** A run whose process ends with it, and is there again. */
  const crash = async (device: string, job: number): Promise<boolean> => {
    const runner = runners.get(device)
    if (!runner) throw new Error(`there is no ${device}`)
    const leases = await Promise.all(devices.map(() => pool.acquire(never, { patienceMs: 1000 })))
    runner.ready = false
    // The pool may see that the process is gone before it hears how the run ended: it had several.
    for (const lease of leases) lease.release()
    const judged = leases.find(({ slot }) => slot === device)?.judge(jobOf(job), true)
    runner.ready = true
    runner.wake()
    await nextTurn()
    if (judged === undefined) throw new Error(`${device} is out`)
    return judged
  }
  return { pool, run, crash, runners, stateOf, news, checks }
}

test('one job is to blame, the next ones go back, and the third ill run takes the device out', async () => {
  const { run, stateOf, pool, news, checks } = aPool(['cuda:0', 'cuda:1'])
  expect(await run('cuda:1', 1, true)).toBe(false)
  await run('cuda:0', 2, false)
  expect(await run('cuda:1', 3, true)).toBe(true)
  expect(await run('cuda:1', 4, true)).toBe(true)
  await until('it is in quarantine', () => stateOf('cuda:1') === 'quarantined')
  expect([stateOf('cuda:0'), pool.readyCount()]).toEqual(['idle', 1])
  checks.answer = true
  await until('it is back', () => pool.readyCount() === 2)
  expect(news).toEqual(['cuda:1 taken out', 'cuda:1 quarantined', 'cuda:1 back'])
})

test('after it is back one ill run takes it out again, and a run that is well ends that', async () => {
  const { run, pool, news, checks } = aPool(['cuda:0', 'cuda:1'])
  checks.answer = true
  for (const job of [1, 2, 3]) {
    await run('cuda:0', 10 + job, false)
    await run('cuda:1', job, true)
  }
  await until('it is back', () => pool.readyCount() === 2)
  await run('cuda:0', 20, false)
  expect(await run('cuda:1', 4, true)).toBe(true)
  await until('it is back again', () => news.length === 4 && pool.readyCount() === 2)
  await run('cuda:1', 5, false)
  await run('cuda:0', 21, false)
  expect(await run('cuda:1', 6, true)).toBe(false)
  expect(pool.readyCount()).toBe(2)
})

test('crashes take it out too, although its process is replaced after each', async () => {
  const { run, crash, stateOf } = aPool(['cuda:0', 'cuda:1'])
  const judged = []
  for (const job of [1, 2, 3]) {
    await run('cuda:0', 10 + job, false)
    judged.push(await crash('cuda:1', job))
  }
  expect(judged).toEqual([false, true, true])
  await until('it is in quarantine', () => stateOf('cuda:1') === 'quarantined')
})

test('a model that crashes on all devices is itself to blame, also while the other one loads', async () => {
  const { pool, crash, runners, news } = aPool(['cuda:0', 'cuda:1'])
  const judged = []
  for (let job = 0; job < 8; job += 2) {
    const leases = await Promise.all([1, 2].map(() => pool.acquire(never, { patienceMs: 1000 })))
    // The second one ends while the first one loads.
    for (const runner of runners.values()) runner.ready = false
    leases.forEach((lease, index) => {
      judged.push(lease.judge(jobOf(job + index), true))
      lease.release()
    })
    for (const runner of runners.values()) {
      runner.ready = true
      runner.wake()
    }
  }
  judged.push(await crash('cuda:0', 8))
  expect([judged.some(Boolean), news]).toEqual([false, []])
})

test('a device on which the model cannot be loaded any more is in quarantine too', async () => {
  const { run, runners, stateOf, checks } = aPool(['cuda:0', 'cuda:1'])
  const runner = runners.get('cuda:1')
  if (!runner) throw new Error('there is none')
  await run('cuda:1', 1, true)
  await run('cuda:0', 2, false)
  await run('cuda:1', 3, true)
  Object.assign(runner, { renew: async () => Object.assign(runner, { ready: false, loadFault: 'no CUDA device' }) })
  await run('cuda:1', 4, true)
  await until('it is in quarantine', () => stateOf('cuda:1') === 'quarantined')
  expect(checks.count).toBe(0)
  checks.answer = true
  Object.assign(runner, { renew: async () => undefined, ready: true, loadFault: undefined })
  await until('it is back', () => stateOf('cuda:1') === 'idle')
})

test('a check that cannot be made leaves it in quarantine', async () => {
  const pool = new SlotPool(() => undefined, { check: () => Promise.reject(new Error('no space')), retryMs: [1, 4] })
  onTestFinished(() => pool.close())
  pool.add('cpu', aRunner() as unknown as Runner)
  for (const job of [1, 2, 3]) {
    const lease = await pool.acquire(never)
    lease.judge(jobOf(job), true)
    lease.release()
  }
  await until('it is in quarantine', () => pool.states[0]?.state === 'quarantined')
})

test('a job goes back twice at most', async () => {
  const { run } = aPool(['cuda:0', 'cuda:1'])
  const judged: boolean[] = []
  for (let time = 0; time < 3; time++) {
    await run('cuda:1', 10 + time, true)
    await run('cuda:0', 20 + time, false)
    judged.push(await run('cuda:1', 3, true))
    await run('cuda:1', 30 + time, false)
  }
  expect(judged).toEqual([true, true, false])
})

test('a model that fails on all devices is itself to blame', async () => {
  const { run, pool, checks } = aPool(['cuda:0', 'cuda:1'])
  const judged: boolean[] = []
  for (let job = 0; job < 12; job++) judged.push(await run(`cuda:${job % 2}`, job, true))
  expect([judged.some(Boolean), pool.readyCount(), checks.count]).toEqual([false, 2, 0])
})

test('the only device is checked after ill runs of two jobs, not after those of one', async () => {
  const { run, pool, news, checks } = aPool(['cpu'])
  checks.answer = true
  for (let time = 0; time < 5; time++) expect(await run('cpu', 1, true)).toBe(false)
  expect([news, pool.readyCount()]).toEqual([[], 1])
  expect(await run('cpu', 2, true)).toBe(false)
  await until('it is back', () => news.includes('cpu back'))
})

test('slots that are taken out keep no pool open', async () => {
  const { run, stateOf, pool } = aPool(['cpu'])
  for (const job of [1, 2, 3]) await run('cpu', job, true)
  await until('it is in quarantine', () => stateOf('cpu') === 'quarantined')
  pool.close()
  expect(pool.readyCount()).toBe(0)
})

const ended = (change: Partial<Extract<RunOutcome, { kind: 'failed' }>>): RunOutcome => ({
  ...{ kind: 'failed', code: 'model_error', message: 'no such word', runSeconds: 1 },
  ...change,
})
test.each<[RunOutcome, boolean | undefined]>([
  [{ kind: 'done', output: 1, files: [], runSeconds: 1 }, false],
  [{ kind: 'timeout', killed: true, runSeconds: 1 }, true],
  [{ kind: 'crashed', exitCode: null, signal: 'SIGSEGV', shared: false, runSeconds: 1 }, true],
  [{ kind: 'crashed', exitCode: null, signal: 'SIGSEGV', shared: true, runSeconds: 1 }, undefined],
  [{ kind: 'canceled', killed: true, runSeconds: 1 }, undefined],
  [{ kind: 'displaced', runSeconds: 1 }, undefined],
  [ended({}), false],
  [ended({ message: 'no such word: taxidermy' }), false],
  [ended({ code: 'invalid_input', message: 'CUDA error is no language' }), false],
  [ended({ message: 'CUDA out of memory. Tried to allocate 2.00 GiB' }), true],
  [ended({ message: 'boom', traceback: 'RuntimeError: CUDA error: an illegal memory access was encountered' }), true],
  [ended({ traceback: 'cuBLAS error: CUBLAS_STATUS_EXECUTION_FAILED' }), true],
])('what %j says about the device: %s', (outcome, ill) => {
  expect(isIll(outcome)).toBe(ill)
})
