import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { insist } from './insist.ts'
import { pause } from './pause.ts'
import { settledWithin } from './settled-within.ts'
import { DeadlineError, startDeadline } from './start-deadline.ts'
import { startGrace } from './start-grace.ts'
import { unlessAborted } from './unless-aborted.ts'
import { within } from './within.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = new Promise<never>(() => undefined)
/** The state of a promise: `pending` until it settles. */
function stateOf(promise: Promise<unknown>) {
  const state = { is: 'pending', value: undefined as unknown }
  promise.then(
    (value) => Object.assign(state, { is: 'resolved', value }),
    (value: unknown) => Object.assign(state, { is: 'rejected', value }),
  )
  return state
}
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
/** Checks that no timer and no listener is left. */
function expectNothingLeft(...signals: { removeEventListener: unknown; addEventListener: unknown }[]) {
  expect(vi.getTimerCount()).toBe(0)
  for (const { addEventListener, removeEventListener } of signals) {
    expect(vi.mocked(removeEventListener as () => void).mock.calls.length).toBe(
      vi.mocked(addEventListener as () => void).mock.calls.length,
    )
  }
}
function watched(): AbortController {
  const control = new AbortController()
  vi.spyOn(control.signal, 'addEventListener')
  vi.spyOn(control.signal, 'removeEventListener')
  return control
}

it('a deadline is aborted when its time is over, with a reason that says so', async () => {
  const deadline = startDeadline(100)
  const own = startDeadline(100, { reason: () => 'my own reason' })
  await pass(99)
  expect(deadline.signal.aborted).toBe(false)
  await pass(1)
  expect(deadline.signal.reason).toBeInstanceOf(DeadlineError)
  expect(own.signal.reason).toBe('my own reason')
})

it('a deadline is aborted with the signal that it follows, also with one that was aborted before', () => {
  const control = watched()
  const deadline = startDeadline(100, { signal: control.signal })
  control.abort('stop')
  expect(deadline.signal.reason).toBe('stop')
  expect(startDeadline(100, { signal: control.signal }).signal.reason).toBe('stop')
})

it('a deadline can be ended early, and leaves nothing behind', async () => {
  const control = watched()
  const deadline = startDeadline(100, { signal: control.signal })
  deadline.abort('enough')
  expect(deadline.signal.reason).toBe('enough')
  const unused = startDeadline(100, { signal: control.signal })
  for (const each of [deadline, unused]) each.end()
  expectNothingLeft(control.signal)
  control.abort('stop')
  expect(unused.signal.aborted).toBe(false)
})

it('a deadline that no timer can wait for is not over at once', async () => {
  const deadline = startDeadline(Number.MAX_SAFE_INTEGER)
  await pass(1000)
  expect(deadline.signal.aborted).toBe(false)
  deadline.end()
})

it('a grace begins when its signal is aborted, and ends with the reason of that', async () => {
  const control = watched()
  const grace = startGrace(100, control.signal)
  await pass(1000)
  control.abort('drain')
  await pass(99)
  expect(grace.signal.aborted).toBe(false)
  await pass(1)
  expect(grace.signal.reason).toBe('drain')
  const late = startGrace(100, control.signal)
  await pass(100)
  expect(late.signal.reason).toBe('drain')
})

it('a grace that has been ended never comes, before it began and after', async () => {
  const control = watched()
  const before = startGrace(100, control.signal)
  const after = startGrace(100, control.signal)
  before.end()
  control.abort('drain')
  after.end()
  await pass(1000)
  expect([before.signal.aborted, after.signal.aborted]).toEqual([false, false])
  expectNothingLeft(control.signal)
})

it('within a time a promise answers as it does, and rejects with what was said for later', async () => {
  await expect(within(Promise.resolve(7), 100, () => 'late')).resolves.toBe(7)
  await expect(within(Promise.reject(new Error('broken')), 100, () => 'late')).rejects.toThrow('broken')
  expect(vi.getTimerCount()).toBe(0)
  const state = stateOf(within(never, 100, () => 'late'))
  await pass(99)
  expect(state.is).toBe('pending')
  await pass(1)
  expect(state).toEqual({ is: 'rejected', value: 'late' })
})

it('a rejection that comes too late is dropped', async () => {
  const late = new Promise<never>((_, reject) => void setTimeout(() => reject(new Error('much too late')), 200))
  const state = stateOf(within(late, 100, () => 'late'))
  await pass(300)
  expect(state.value).toBe('late')
})

it('says whether something settled in time, whichever way it did', async () => {
  expect(await settledWithin(Promise.resolve(1), 100)).toBe(true)
  expect(await settledWithin(Promise.reject(new Error('broken')), 100)).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
  const state = stateOf(settledWithin(never, 100))
  await pass(100)
  expect(state.value).toBe(false)
})

it('waits for nothing to settle once the signal is aborted', async () => {
  const control = watched()
  const state = stateOf(settledWithin(never, 100, control.signal))
  control.abort()
  await pass()
  expect(state.value).toBe(false)
  expect(await settledWithin(never, 100, control.signal)).toBe(false)
  expect(await settledWithin(Promise.reject(new Error('dropped')), 100, control.signal)).toBe(false)
  expectNothingLeft(control.signal)
})

it('answers as a promise does unless the signal is aborted first', async () => {
  const control = watched()
  expect(await unlessAborted(Promise.resolve(7), control.signal)).toBe(7)
  await expect(unlessAborted(Promise.reject(new Error('broken')), control.signal)).rejects.toThrow('broken')
  const state = stateOf(unlessAborted(never, control.signal))
  control.abort('stop')
  await pass()
  expect(state).toEqual({ is: 'rejected', value: 'stop' })
  await expect(unlessAborted(Promise.resolve(7), control.signal)).rejects.toBe('stop')
})

it('a pause is over in time, or at once when the signal is aborted', async () => {
  const control = watched()
  const over = stateOf(pause(100, control.signal))
  await pass(99)
  expect(over.is).toBe('pending')
  await pass(1)
  expect(over.is).toBe('resolved')
  const broken = stateOf(pause(100, control.signal))
  control.abort('stop')
  await pass()
  expect(broken).toEqual({ is: 'rejected', value: 'stop' })
  expect(vi.getTimerCount()).toBe(0)
})

/** Work that fails so many times before it succeeds, and notes when it was tried. */
function failing(times: number) {
  const tried: number[] = []
  return {
    tried,
    act: async () => {
      tried.push(Date.now())
      if (tried.length <= times) throw new Error(`fault ${tried.length}`)
      return 'done'
    },
  }
}

it('insists until it works, with growing pauses that have a limit, and tells each fault', async () => {
  const { act, tried } = failing(6)
  const faults: unknown[] = []
  const { signal } = new AbortController()
  const options = { signal, forMs: 60_000, firstDelayMs: 100, maxDelayMs: 400 }
  const state = stateOf(insist(act, { ...options, onFault: (error) => faults.push(error) }))
  await pass(10_000)
  expect(state.value).toBe('done')
  expect(faults).toHaveLength(6)
  const pauses = tried.slice(1).map((at, index) => at - (tried[index] ?? 0))
  for (const [index, most] of [100, 200, 400, 400, 400, 400].entries()) {
    expect(pauses[index]).toBeGreaterThanOrEqual(most / 2)
    expect(pauses[index]).toBeLessThanOrEqual(most)
  }
})

it('insists no longer than it should, and not where another try cannot help', async () => {
  const { signal } = new AbortController()
  const late = stateOf(insist(failing(1000).act, { signal, forMs: 5000, maxDelayMs: 100 }))
  await pass(4900)
  expect(late.is).toBe('pending')
  await pass(300)
  expect(late).toEqual({ is: 'rejected', value: expect.any(Error) })
  const { act, tried } = failing(1000)
  await expect(insist(act, { signal, forMs: 5000, retryable: () => false })).rejects.toThrow('fault 1')
  expect(tried).toHaveLength(1)
})

it('insists no more once the signal is aborted: not in a pause, not on a call that hangs', async () => {
  for (const act of [() => never, failing(1000).act]) {
    const control = new AbortController()
    const state = stateOf(insist(act, { signal: control.signal, forMs: 60_000, firstDelayMs: 30_000 }))
    await pass(10)
    control.abort('stop')
    await pass()
    expect(state).toEqual({ is: 'rejected', value: 'stop' })
  }
  expect(vi.getTimerCount()).toBe(0)
})
