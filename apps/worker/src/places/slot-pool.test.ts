import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import type { JobId } from '@millrace/contracts'
import type { Runner } from '@millrace/host'
import { type AcquireOptions, NoRunnerReady, SlotPool } from './slot-pool.ts'

const JOB: JobId = `job_${'a'.repeat(34)}`
const never = new AbortController().signal

/** A runner that is ready when told so. */
function aRunner() {
  const waiting: (() => void)[] = []
  const runner = {
    ready: true,
    whenReady: () => (runner.ready ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve))),
    comeBack() {
      runner.ready = true
      for (const resolve of waiting.splice(0)) resolve()
    },
  }
  return runner as typeof runner & Runner
}

test('slots are given first come, first served', async () => {
  const pool = new SlotPool(() => undefined)
  const order: number[] = []
  const asked = [1, 2, 3].map((n) => pool.acquire(never).then((lease) => (order.push(n), lease)))
  pool.add('cpu', aRunner())
  for (const lease of asked) (await lease).release()
  expect(order).toEqual([1, 2, 3])
})

test('a slot goes to one at a time, also when it is given back twice', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cpu', aRunner())
  const first = await pool.acquire(never)
  first.release()
  await pool.acquire(never)
  first.release()
  const patience = new AbortController()
  const third = pool.acquire(patience.signal)
  patience.abort(new Error('still taken'))
  await expect(third).rejects.toThrow('still taken')
})

test('a lease says for how long its place had nothing to do, once it has had something', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cpu', aRunner())
  const first = await pool.acquire(never)
  const waits = pool.acquire(never)
  first.release()
  const second = await waits
  second.release()
  const emptied = performance.now()
  await until('time has passed', () => performance.now() - emptied > 2)
  const third = await pool.acquire(never)
  expect([first.freeMs, second.freeMs < 2, third.freeMs > 2]).toEqual([0, true, true])
})

test('a runner that crashed is out until it is ready again', async () => {
  let changes = 0
  const pool = new SlotPool(() => changes++)
  const runner = aRunner()
  pool.add('cpu', runner)
  const lease = await pool.acquire(never)
  runner.ready = false
  lease.release()
  expect(pool.readyCount()).toBe(0)
  const next = pool.acquire(never)
  runner.comeBack()
  await next
  expect(pool.readyCount()).toBe(1)
  await until('both changes were told', () => changes >= 3)
})

test('a runner that died idle is noticed and not handed out', async () => {
  const pool = new SlotPool(() => undefined)
  const [dead, alive] = [aRunner(), aRunner()]
  pool.add('cuda:0', dead)
  pool.add('cuda:1', alive)
  dead.ready = false
  expect((await pool.acquire(never)).slot).toBe('cuda:1')
  expect(pool.readyCount()).toBe(1)
})

test('a runner that takes several runs is lent to as many, and the one with the fewest comes first', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cuda:0', aRunner(), 2)
  pool.add('cuda:1', aRunner(), 2)
  const leases = await Promise.all([1, 2, 3, 4].map(() => pool.acquire(never)))
  expect(leases.map(({ slot }) => slot)).toEqual(['cuda:0', 'cuda:1', 'cuda:0', 'cuda:1'])
  const fifth = pool.acquire(never)
  leases[3]?.release()
  expect((await fifth).slot).toBe('cuda:1')
})

test('who asks for a runner alone waits until it is empty, is not overtaken, and shares it with nobody', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cpu', aRunner(), 3)
  const order: string[] = []
  const first = await pool.acquire(never)
  const alone = pool.acquire(never, { alone: true }).then((lease) => (order.push('alone'), lease))
  const after = pool.acquire(never).then((lease) => (order.push('after'), lease))
  first.release()
  const lease = await alone
  expect(order).toEqual(['alone'])
  lease.release()
  await after
  expect(order).toEqual(['alone', 'after'])
})

test('those behind one who gave up waiting for a runner alone are served', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cpu', aRunner(), 2)
  await pool.acquire(never)
  const alone = pool.acquire(never, { alone: true, patienceMs: 1 })
  const behind = pool.acquire(never)
  await expect(alone).rejects.toBeInstanceOf(NoRunnerReady)
  expect((await behind).slot).toBe('cpu')
})

test('those in line are turned away when no runner comes back, and everyone when the worker drains', async () => {
  const pool = new SlotPool(() => undefined)
  const waiting = pool.acquire(never)
  pool.turnAway()
  await expect(waiting).rejects.toBeInstanceOf(NoRunnerReady)
  pool.add('cpu', aRunner())
  pool.drain()
  await expect(pool.acquire(never)).rejects.toBeInstanceOf(NoRunnerReady)
})

test('who waits longer than his patience is sent away, and the line goes on without him', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cpu', aRunner())
  const lease = await pool.acquire(never)
  const hasty = pool.acquire(never, { patienceMs: 1 })
  const patient = pool.acquire(never)
  await expect(hasty).rejects.toBeInstanceOf(NoRunnerReady)
  lease.release()
  expect((await patient).slot).toBe('cpu')
})

const isRefused = async (pool: SlotPool, options: AcquireOptions): Promise<boolean> => {
  const patience = new AbortController()
  const asked = pool.acquire(patience.signal, options).then(
    () => false,
    () => true,
  )
  patience.abort(new Error('it waits in line'))
  return asked
}

test('while all runners are busy one holds who may be held, and is not asked when another is free', async () => {
  const pool = new SlotPool(() => undefined)
  const [one, two] = [Object.assign(aRunner(), { canHold: true }), aRunner()]
  pool.add('cuda:0', one)
  pool.add('cuda:1', two)
  expect(await pool.acquire(never, { mayHold: true })).toMatchObject({ slot: 'cuda:0', isHeld: false })
  expect(await pool.acquire(never, { mayHold: true })).toMatchObject({ slot: 'cuda:1', isHeld: false })
  expect(await isRefused(pool, { mayHold: false })).toBe(true)
  expect(await isRefused(pool, { mayHold: true, alone: true })).toBe(true)
  expect(await pool.acquire(never, { mayHold: true, job: JOB })).toMatchObject({ slot: 'cuda:0', isHeld: true })
  expect(pool.states).toMatchObject([{ jobs: [] }, { jobs: [] }])
})

test('behind a job that must be alone none is held', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cpu', Object.assign(aRunner(), { canHold: true }))
  await pool.acquire(never, { alone: true })
  expect(await isRefused(pool, { mayHold: true })).toBe(true)
})

test('the next in line is held as soon as a runner has begun and can hold one', async () => {
  const pool = new SlotPool(() => undefined)
  const runner = aRunner()
  pool.add('cpu', runner)
  const first = await pool.acquire(never)
  const next = pool.acquire(never, { mayHold: true })
  Object.assign(runner, { canHold: true })
  first.begun()
  expect(await next).toMatchObject({ isHeld: true })
})

test('a runner that becomes free takes over one that another holds, once, and none that has begun', async () => {
  const pool = new SlotPool(() => undefined)
  const runners = [aRunner(), aRunner(), aRunner()].map((one) => Object.assign(one, { canHold: true }))
  for (const [i, one] of runners.entries()) pool.add(`cuda:${i}`, one)
  const leases = [await pool.acquire(never), await pool.acquire(never), await pool.acquire(never)]
  const recalled: string[] = []
  const hold = async (name: string, isTaken: boolean) => {
    const lease = await pool.acquire(never, { mayHold: true })
    Object.assign(lease.runner, { canHold: false })
    lease.onFree(() => (recalled.push(name), !isTaken))
    return lease
  }
  const [begun, taken, back] = [await hold('begun', false), await hold('taken', true), await hold('back', false)]
  expect([begun.slot, taken.slot, back.slot]).toEqual(['cuda:0', 'cuda:1', 'cuda:2'])
  begun.begun()
  expect(recalled).toEqual([])
  leases[0]?.release()
  expect(recalled).toEqual([])
  begun.release()
  expect(recalled).toEqual(['taken', 'back'])
  back.release()
  expect(recalled).toEqual(['taken', 'back'])
  expect(await pool.acquire(never)).toMatchObject({ slot: 'cuda:0', isHeld: false })
  pool.drain()
  expect(recalled).toEqual(['taken', 'back', 'taken'])
})
