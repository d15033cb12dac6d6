import { expect, onTestFinished, test, vi } from 'vitest'
import { createLoop } from '@millrace/async'
import type { Consumer, Delivery, Handled } from '@millrace/queue'
import { describeLifecycle } from '../../../../../libs/async/src/lifecycle/lifecycle.suite.ts'
import { ConsumerSource } from './consumer-source.ts'

/** A source whose consumer says what it is told, and whose deliveries the test hands over itself. */
function aSource(room: number) {
  const told: string[] = []
  const taker = { room, run: async (): Promise<Handled> => ({ outcome: 'done' }) }
  let deliver: (job: Delivery) => Promise<Handled> = () => Promise.reject(new Error('no consumer was made'))
  let close: () => Promise<void> = async () => undefined
  const consumer: Consumer = {
    start: () => void told.push('start'),
    setConcurrency: (concurrency) => void told.push(`${concurrency} at once`),
    pause: async () => void told.push('pause'),
    resume: () => void told.push('resume'),
    close: () => (told.push('close'), close()),
  }
  const source = new ConsumerSource((_model, handle) => ((deliver = handle), consumer), 'echo', {
    run: () => taker.run(),
    room: () => taker.room,
  })
  onTestFinished(() => source.stop(0))
  return {
    ...{ source, told, taker },
    deliver: () => deliver({ id: 'job_1', delivery: 'd_1' }),
    hangClosing: () => (close = () => new Promise(() => undefined)),
  }
}

test('it gives as many jobs at once as there is room for', async () => {
  const { source, told, taker } = aSource(2)
  await source.start()
  taker.room = 5
  await source.adjust()
  expect(told).toEqual(['2 at once', 'start', '5 at once'])
})

test('it gives nothing while there is no room, and goes on when there is', async () => {
  const { source, told, taker } = aSource(1)
  await source.start()
  taker.room = 0
  await source.adjust()
  await source.adjust()
  expect(told.splice(0)).toEqual(['1 at once', 'start', 'pause'])
  taker.room = 3
  await source.adjust()
  expect(told).toEqual(['3 at once', 'resume'])
})

test('without room at its start it begins with the first', async () => {
  const { source, told, taker } = aSource(0)
  await source.start()
  expect(told).toEqual([])
  taker.room = 1
  await source.adjust()
  expect(told).toEqual(['1 at once', 'start'])
})

test('it is moved by no room before its start or after its stop', async () => {
  const { source, told } = aSource(1)
  await source.adjust()
  await source.stop(0)
  await source.adjust()
  expect(told).toEqual(['close'])
})

test('a consumer that does not close is waited for while jobs are in hand, and but a moment otherwise', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const [idle, busy] = [aSource(1), aSource(1)]
  const stopped: string[] = []
  busy.taker.run = () => new Promise(() => undefined)
  for (const { source, hangClosing } of [idle, busy]) {
    hangClosing()
    await source.start()
  }
  void busy.deliver()
  void idle.source.stop(60_000).then(() => stopped.push('idle'))
  void busy.source.stop(60_000).then(() => stopped.push('busy'))
  await vi.advanceTimersByTimeAsync(1000)
  expect(stopped).toEqual(['idle'])
  await vi.advanceTimersByTimeAsync(58_999)
  expect(stopped).toEqual(['idle'])
  await vi.advanceTimersByTimeAsync(1)
  expect(stopped).toEqual(['idle', 'busy'])
})

describeLifecycle('the jobs of a consumer', ({ work, onFault }) => {
  const make = (handle: (job: Delivery) => Promise<Handled>): Consumer => {
    const loop = createLoop({ round: () => handle({ id: 'job_1', delivery: 'd_1' }), everyMs: 1000, onFault })
    return {
      start: () => void loop.start(),
      setConcurrency: () => undefined,
      pause: async () => undefined,
      resume: () => undefined,
      close: () => loop.stop(3_600_000),
    }
  }
  return {
    part: new ConsumerSource((_model, handle) => make(handle), 'echo', {
      run: () => work().then(() => ({ outcome: 'done' as const })),
      room: () => 1,
    }),
    everyMs: 1000,
  }
})
