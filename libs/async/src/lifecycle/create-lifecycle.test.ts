import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createLifecycle } from './create-lifecycle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const never = new Promise<never>(() => undefined)

it('what cannot begin says so to whoever starts it, is started for nobody, and can be stopped', async () => {
  const end = vi.fn<() => void>()
  const part = createLifecycle({ begin: () => Promise.reject(new Error('no room')), end })
  await expect(part.start()).rejects.toThrow('no room')
  await expect(part.start()).rejects.toThrow('no room')
  await part.started
  await part.stop(1000)
  await part.stopped
  expect(end).toHaveBeenCalledTimes(1)
})

it('an end that fails is told to who stops it, and it is stopped all the same', async () => {
  const part = createLifecycle({ begin: () => undefined, end: () => Promise.reject(new Error('stuck')) })
  await expect(part.stop(1000)).rejects.toThrow('stuck')
  await Promise.all([part.started, part.stopped])
})

it('each step is taken once', async () => {
  const [begin, end] = [vi.fn<() => void>(), vi.fn<() => void>()]
  const part = createLifecycle({ begin, end })
  await Promise.all([part.start(), part.start()])
  await Promise.all([part.stop(1000), part.stop(1000)])
  await part.stop(1000)
  expect([begin.mock.calls.length, end.mock.calls.length]).toEqual([1, 1])
})

it('a begin hears at once that it should come to its end, and is waited for before the end', async () => {
  const said: string[] = []
  const part = createLifecycle({
    begin: (stopping) =>
      new Promise<void>((resolve) => {
        stopping.addEventListener('abort', () => {
          said.push('told')
          resolve()
        })
      }).then(() => void said.push('begun')),
    end: () => void said.push('ended'),
  })
  void part.start()
  await part.stop(1000)
  expect(said).toEqual(['told', 'begun', 'ended'])
})

it('the end gets what the begin has left of the grace', async () => {
  const left: number[] = []
  const end = (graceMs: number) => void left.push(graceMs)
  const stuck = createLifecycle({ begin: () => never, end })
  void stuck.start()
  void stuck.stop(1000)
  await vi.advanceTimersByTimeAsync(1000)
  const idle = createLifecycle({ begin: () => undefined, end })
  await idle.start()
  await idle.stop(1000)
  expect(left).toEqual([0, 1000])
})
