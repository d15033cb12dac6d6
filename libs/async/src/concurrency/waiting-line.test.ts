import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { WaitingLine } from './waiting-line.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Notes how each one in the line ended, in the order in which they ended. */
function setUp() {
  const line = new WaitingLine<string, string>()
  const ends: string[] = []
  const join = (wish: string, options?: Parameters<typeof line.join>[1]) =>
    line.join(wish, options).then(
      (given) => void ends.push(`${wish} got ${given}`),
      (reason: unknown) => void ends.push(`${wish} left: ${String(reason)}`),
    )
  return { line, join, ends }
}

it('serves those who wait in the order in which they came', async () => {
  const { line, join, ends } = setUp()
  void join('anna')
  void join('bert')
  expect([line.first, line.length]).toEqual(['anna', 2])
  line.serve('one')
  expect(line.first).toBe('bert')
  line.serve('two')
  line.serve('three, which nobody wants')
  await vi.advanceTimersByTimeAsync(0)
  expect(ends).toEqual(['anna got one', 'bert got two'])
  expect([line.first, line.length, line.wishes]).toEqual([undefined, 0, []])
})

it('lets one out of the line whose signal is aborted, and says so, so that those behind can be served', async () => {
  const { line, join, ends } = setUp()
  const control = new AbortController()
  const patience = { ms: 100, late: () => 'late' }
  void join('anna', { signal: control.signal, patience, onLeave: () => line.serve('her place') })
  void join('bert')
  control.abort('tired')
  await vi.advanceTimersByTimeAsync(0)
  expect(ends).toEqual(['anna left: tired', 'bert got her place'])
  expect(vi.getTimerCount()).toBe(0)
})

it('never lets one in whose signal was aborted before', async () => {
  const { line, join, ends } = setUp()
  await join('anna', { signal: AbortSignal.abort('tired') })
  expect([ends, line.length]).toEqual([['anna left: tired'], 0])
})

it('lets one out whose patience is over, and nobody who was served by then', async () => {
  const { line, join, ends } = setUp()
  const onLeave = vi.fn<() => void>()
  void join('anna', { patience: { ms: 100, late: () => 'too slow' }, onLeave })
  void join('bert', { patience: { ms: 100, late: () => 'too slow' }, onLeave })
  line.serve('one')
  await vi.advanceTimersByTimeAsync(99)
  expect(ends).toEqual(['anna got one'])
  await vi.advanceTimersByTimeAsync(1)
  expect(ends).toEqual(['anna got one', 'bert left: too slow'])
  expect(onLeave).toHaveBeenCalledTimes(1)
  expect(line.length).toBe(0)
})

it('leaves no listener and no timer behind', async () => {
  const { line, join } = setUp()
  const control = new AbortController()
  const remove = vi.spyOn(control.signal, 'removeEventListener')
  void join('anna', { signal: control.signal, patience: { ms: 100, late: () => 'late' } })
  void join('bert', { signal: control.signal, patience: { ms: 100, late: () => 'late' } })
  line.serve('one')
  line.refuse('closing time')
  expect(remove).toHaveBeenCalledTimes(2)
  expect(vi.getTimerCount()).toBe(0)
})

it('serves or sends away all at once, and takes in others after', async () => {
  const { line, join, ends } = setUp()
  void join('anna')
  void join('bert')
  line.serveAll('all')
  void join('carl')
  line.refuse('not today')
  void join('dora')
  await vi.advanceTimersByTimeAsync(0)
  expect(ends).toEqual(['anna got all', 'bert got all', 'carl left: not today'])
  expect(line.first).toBe('dora')
})

it('once closed, sends away whoever comes', async () => {
  const { line, join, ends } = setUp()
  void join('anna')
  line.close('closed')
  await join('bert')
  expect(ends).toEqual(['anna left: closed', 'bert left: closed'])
})
