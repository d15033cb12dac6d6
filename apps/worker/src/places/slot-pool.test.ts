import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import type { Runner } from '@millrace/host'
import { NoRunnerReady, SlotPool } from './slot-pool.ts'

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
