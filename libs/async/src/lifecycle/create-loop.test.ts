import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLifecycle } from './create-lifecycle.ts'
import { createLoop, type LoopOptions } from './create-loop.ts'
import { describeLifecycle } from './lifecycle.suite.ts'

for (const first of ['later', 'now', 'awaited'] as const) {
  describeLifecycle(`a loop whose first round comes ${first}`, ({ work, onFault }) => ({
    part: createLoop({ round: work, everyMs: 1000, jitter: 0.25, first, onFault }),
    everyMs: 1250,
  }))
}

describeLifecycle('a part of a part', ({ work, onFault }) => {
  const loop = createLoop({ round: work, everyMs: 1000, first: 'awaited', onFault })
  return { part: createLifecycle({ begin: () => loop.start(), end: (graceMs) => loop.stop(graceMs) }), everyMs: 1000 }
})

describe('a loop', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

  function looping(options: Partial<LoopOptions> = {}) {
    const at: number[] = []
    const began = Date.now()
    const loop = createLoop({
      round: async () => void at.push(Date.now() - began),
      everyMs: 1000,
      onFault: () => undefined,
      ...options,
    })
    return { loop, at }
  }

  it('begins later, or now', async () => {
    const [later, now, awaited] = [looping(), looping({ first: 'now' }), looping({ first: 'awaited' })]
    for (const { loop } of [later, now, awaited]) await loop.start()
    await pass(2500)
    expect([later.at, now.at, awaited.at]).toEqual([
      [1000, 2000],
      [0, 1000, 2000],
      [0, 1000, 2000],
    ])
  })

  it('asks after each round how long the next pause is', async () => {
    const pauses = [100, 10, 1000, 5000]
    const { loop, at } = looping({ first: 'now', everyMs: () => pauses.shift() ?? 0 })
    await loop.start()
    await pass(1500)
    expect(at).toEqual([0, 100, 110, 1110])
  })

  it('keeps apart from others by up to its jitter', async () => {
    const loops = Array.from({ length: 50 }, () => looping({ jitter: 0.25 }))
    for (const { loop } of loops) await loop.start()
    await pass(1250)
    const firsts = loops.map(({ at }) => at[0] ?? 0)
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(750)
    expect(Math.max(...firsts)).toBeLessThanOrEqual(1250)
    expect(new Set(firsts).size).toBeGreaterThan(10)
  })

  it('woken, begins its next round at once, once however often it was woken', async () => {
    const { loop, at } = looping()
    loop.wake()
    await loop.start()
    await pass(100)
    loop.wake()
    loop.wake()
    await pass(100)
    expect(at).toEqual([100])
    await pass(1000)
    expect(at).toEqual([100, 1100])
    await loop.stop(0)
    loop.wake()
    await pass(5000)
    expect(at).toHaveLength(2)
  })

  it('woken during a round, begins the next one right after it', async () => {
    let end: () => void = () => undefined
    const round = vi.fn<() => Promise<void>>(() => new Promise<void>((resolve) => (end = resolve)))
    const { loop } = looping({ round, first: 'now' })
    await loop.start()
    await pass()
    loop.wake()
    await pass(500)
    expect(round).toHaveBeenCalledTimes(1)
    end()
    await pass()
    expect(round).toHaveBeenCalledTimes(2)
    end()
    await pass(500)
    expect(round).toHaveBeenCalledTimes(2)
  })

  it('tells a long round that it should come to its end', async () => {
    const told: boolean[] = []
    const { loop } = looping({
      first: 'now',
      round: (stopping) => {
        told.push(stopping.aborted)
        return new Promise((resolve) => stopping.addEventListener('abort', () => resolve(told.push(stopping.aborted))))
      },
    })
    await loop.start()
    await pass()
    await loop.stop(1000)
    expect(told).toEqual([false, true])
  })
})
