import { expect, test } from 'vitest'
import type { Runner } from '@millrace/host'
import { until } from '../../../../test/support/until.ts'
import { type SlotLease, SlotPool } from './slot-pool.ts'

const never = new AbortController().signal

/** A runner whose model takes so many runs in one call, and lets as many wait for the next. */
function aRunner(mostHeld: number) {
  return { ready: true, canHold: true, mostHeld, whenReady: () => Promise.resolve() } as Runner & { canHold: boolean }
}

/** What waits may be recalled, unless it has begun. `recalled` names those that were, by number. */
function keep(leases: readonly SlotLease[]) {
  const recalled: number[] = []
  const begun = new Set<number>()
  for (const [i, lease] of leases.entries()) {
    lease.onFree(() => {
      if (begun.has(i) || recalled.includes(i)) return false
      recalled.push(i)
      return true
    })
  }
  const begin = (i: number): void => {
    begun.add(i)
    leases[i]?.begun()
  }
  return { recalled, begin }
}

const takeSome = (pool: SlotPool, count: number) =>
  Promise.all(Array.from({ length: count }, () => pool.acquire(never)))

test('a runner that batches is lent for one call and for the next, each run waits in it, and no more than may', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cpu', aRunner(2), 2, { batches: true })
  const leases = await takeSome(pool, 2)
  expect(leases.map(({ isHeld }) => isHeld)).toEqual([true, true])
  const order: number[] = []
  const later = [3, 4].map((n) => pool.acquire(never).then((lease) => (order.push(n), lease)))
  await Promise.resolve()
  expect(order).toEqual([])
  for (const lease of leases) lease.begun()
  await Promise.all(later)
  expect([order, pool.states[0]?.state]).toEqual([[3, 4], 'busy'])
})

test('runs go to a runner that is free before those that are busy, and what these hold comes to one that becomes free', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cuda:0', aRunner(4), 4, { batches: true })
  pool.add('cuda:1', aRunner(4), 4, { batches: true })
  const first = await pool.acquire(never)
  first.begun()
  const next = await takeSome(pool, 6)
  const { recalled, begin } = keep(next)
  expect(next.map(({ slot }) => slot.slice(-1)).join('')).toBe('111100')
  for (const i of [0, 1, 2, 3]) begin(i)
  for (const lease of next.slice(0, 3)) lease.release()
  expect(recalled).toEqual([])
  next[3]?.release()
  expect(recalled).toEqual([4, 5])
})

test('who must be alone waits until nothing is in the runner, and nothing comes to it meanwhile', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cpu', aRunner(4), 4, { batches: true })
  const first = await pool.acquire(never)
  const order: string[] = []
  const alone = pool.acquire(never, { alone: true }).then((lease) => (order.push('alone'), lease))
  const after = pool.acquire(never).then((lease) => (order.push('after'), lease))
  first.begun()
  first.release()
  expect(await alone).toMatchObject({ isHeld: false })
  await Promise.resolve()
  expect(order).toEqual(['alone'])
  ;(await alone).release()
  await after
  expect(order).toEqual(['alone', 'after'])
})

test('a runner whose process takes nothing more is out until it does again', async () => {
  const pool = new SlotPool(() => undefined)
  const runner = aRunner(4)
  let back = (): void => undefined
  Object.assign(runner, { whenReady: () => new Promise<void>((resolve) => (back = resolve)) })
  pool.add('cpu', runner, 4, { batches: true })
  const [one, two] = await takeSome(pool, 2)
  for (const lease of [one, two]) lease?.begun()
  runner.canHold = false
  one?.release()
  expect(pool.readyCount()).toBe(0)
  two?.release()
  runner.canHold = true
  back()
  expect(await pool.acquire(never)).toMatchObject({ slot: 'cpu', isHeld: true })
})

test('a device is busy once with all runs of a call', async () => {
  const pool = new SlotPool(() => undefined)
  pool.add('cpu', aRunner(4), 4, { batches: true })
  const leases = await takeSome(pool, 3)
  expect(pool.busy.totalMs).toBe(0)
  const begunMs = performance.now()
  for (const lease of leases) lease.begun()
  leases[0]?.release()
  await until('time has passed', () => performance.now() > begunMs + 20)
  for (const lease of leases) lease.release()
  const { totalMs } = pool.busy
  expect(totalMs).toBeGreaterThanOrEqual(19)
  expect(totalMs).toBeLessThanOrEqual(performance.now() - begunMs)
  expect(pool.busy.totalMs).toBe(totalMs)
})
