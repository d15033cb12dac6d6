import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type PulseOptions, startPulse } from './pulse.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

function aPulse(change: Partial<PulseOptions> = {}) {
  const beats: { at: number; fraction: number | undefined }[] = []
  const heard: string[] = []
  const pulse = startPulse({
    beat: async (progress) => (beats.push({ at: performance.now(), fraction: progress?.fraction }), 'ok'),
    onCancel: () => void heard.push('cancel'),
    onLost: () => void heard.push('lost'),
    onFault: () => void heard.push('fault'),
    beatMs: 1000,
    progressMs: 100,
    ...change,
  })
  return { pulse, beats, heard, moments: () => beats.map(({ at }) => at) }
}
const at = (fraction: number) => ({ fraction, message: null })

test('attempts that began at different times beat at the same moments, so that their beats can share a call', async () => {
  const first = aPulse()
  await pass(130)
  const second = aPulse()
  await pass(610)
  const third = aPulse()
  await pass(3000)
  const moments = first.moments()
  expect(moments).toHaveLength(3)
  expect([second.moments(), third.moments()]).toEqual([moments, moments])
})

test('no two beats are further apart than the pace, whenever it begins', async () => {
  for (const wait of [1, 333, 999, 1000]) {
    await pass(wait)
    const begun = performance.now()
    const { pulse, moments } = aPulse()
    await pass(5000)
    pulse.stop()
    const all = [begun, ...moments()]
    expect(Math.max(...all.slice(1).map((moment, i) => moment - (all[i] ?? 0)))).toBeLessThanOrEqual(1001)
  }
})

test('progress goes at once, the newest of it at its own pace, and is not told again', async () => {
  const { pulse, beats } = aPulse()
  pulse.progress(at(0.1))
  await pass(0)
  for (const fraction of [0.2, 0.3, 0.4]) pulse.progress(at(fraction))
  await pass(99)
  expect(beats.map(({ fraction }) => fraction)).toEqual([0.1])
  await pass(1)
  await pass(1000)
  expect(beats.map(({ fraction }) => fraction)).toEqual([0.1, 0.4, undefined])
})

test('one beat is under way at a time, and progress that was refused goes with the next', async () => {
  let refuse: (why: Error) => void = () => undefined
  const sent: (number | undefined)[] = []
  const { pulse, heard } = aPulse({
    beat: (progress) => {
      sent.push(progress?.fraction)
      return new Promise((_, reject) => (refuse = reject))
    },
  })
  pulse.progress(at(0.5))
  await pass(5000)
  expect(sent).toEqual([0.5])
  refuse(new Error('away'))
  await pass(1000)
  expect([sent, heard]).toEqual([[0.5, 0.5], ['fault']])
})

test('it says when a cancel is asked or the job is lost, and is silent once it is stopped', async () => {
  let answer: 'cancel' | 'lost' = 'cancel'
  const { pulse, heard } = aPulse({ beat: async () => answer })
  await pass(1000)
  answer = 'lost'
  await pass(1000)
  expect(heard).toEqual(['cancel', 'lost'])
  pulse.stop()
  pulse.progress(at(1))
  await pass(5000)
  expect([heard.length, vi.getTimerCount()]).toEqual([2, 0])
})
