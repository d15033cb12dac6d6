import type { Attempt, WebhookDelivery } from '@millrace/contracts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sumPhases } from './sum-phases.ts'
import { timeScaleOf } from './time-scale.ts'
import type { Bar } from './timeline.ts'
import { type TimedJob, timelineOfJob } from './timeline-of-job.ts'

const T0 = Date.parse('2026-11-29T12:00:00Z')
const iso = (ms: number) => new Date(T0 + ms).toISOString()

/** One attempt as it happened: milliseconds of each phase. */
interface Story {
  waits: number
  fetches: number
  slot: number
  runs: number
  stores: number
  ends: 'succeeded' | 'failed' | 'worker_lost' | 'released' | 'begun_lost'
}

/** The attempts as the record tells them, by the rules of libs/queue/src/record/moves.ts. */
function told(stories: readonly Story[], from = 0): { attempts: Attempt[]; end: number } {
  const attempts: Attempt[] = []
  let at = from
  let number = 0
  for (const { waits, fetches, slot, runs, stores, ends } of stories) {
    const claimed = at + waits
    const started = claimed + fetches + slot
    const hasBegun = ends !== 'released'
    const isKnown = hasBegun && ends !== 'worker_lost'
    const end = hasBegun ? started + runs + stores : started
    const left = isKnown ? started : hasBegun ? claimed : end
    if (hasBegun) number++
    attempts.push({
      ...{ number: hasBegun ? number : null, worker: 'w', version: '1', device: 'cpu', error: null },
      ...{ claimed_at: iso(claimed), started_at: isKnown ? iso(started) : null, ended_at: iso(end) },
      ...{ queue_seconds: (left - at) / 1000, fetch_seconds: isKnown && fetches > 0 ? fetches / 1000 : null },
      run_seconds: ends === 'succeeded' || ends === 'failed' ? runs / 1000 : null,
      outcome: ends === 'begun_lost' ? 'worker_lost' : ends,
      resumed: false,
    })
    at = end
  }
  return { attempts, end: at }
}

const job = (attempts: Attempt[], finished: number | null, rest: Partial<TimedJob> = {}): TimedJob => ({
  ...{ status: 'succeeded', attempt: attempts.length, attempts, created_at: iso(0), run_at: null },
  ...{ finished_at: finished === null ? null : iso(finished), ...rest },
})
const spans = (bars: readonly Bar[]) => bars.map(({ phase, fromMs, toMs }) => [phase, toMs - fromMs])
const lengthOf = (bars: readonly Bar[]) => bars.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)

it('tells two lost workers and a success, and marks what runs alone', () => {
  const { attempts, end } = told([
    { waits: 10, fetches: 0, slot: 0, runs: 5000, stores: 0, ends: 'worker_lost' },
    { waits: 800, fetches: 30, slot: 20, runs: 4000, stores: 0, ends: 'begun_lost' },
    { waits: 900, fetches: 40, slot: 60, runs: 1000, stores: 25, ends: 'succeeded' },
  ])
  const { rows, strayMs } = timelineOfJob(job(attempts, end), [], 0)
  expect(rows.map(({ isSuspect }) => isSuspect)).toEqual([false, true, true])
  expect(rows.map(({ bars }) => spans(bars))).toEqual([
    [
      ['waited', 10],
      ['lost', 5000],
    ],
    [
      ['waited', 800],
      ['fetched', 30],
      ['slot', 20],
      ['lost', 4000],
    ],
    [
      ['waited', 900],
      ['fetched', 40],
      ['slot', 60],
      ['ran', 1000],
      ['stored', 25],
    ],
  ])
  expect(strayMs).toBe(0)
  expect(sumPhases({ rows })).toContainEqual({ phase: 'lost', ms: 9000 })
})

it('goes on while the job does', () => {
  const [first] = told([{ waits: 10, fetches: 0, slot: 0, runs: 100, stores: 0, ends: 'failed' }]).attempts as [Attempt]
  const claimed = { ...first, number: 2, claimed_at: iso(500), started_at: null, ended_at: null, queue_seconds: 0.39 }
  const running = { ...claimed, run_seconds: null, outcome: 'running' as const }
  const last = (of: TimedJob) => timelineOfJob(of, [], T0 + 2000).rows.at(-1)
  expect(spans(last(job([first, running], null, { status: 'running' }))?.bars ?? [])).toEqual([
    ['waited', 390],
    ['taken', 1500],
  ])
  const begun = { ...running, started_at: iso(600), queue_seconds: 0.49 }
  expect(last(job([first, begun], null, { status: 'running' }))?.bars.at(-1)).toMatchObject({
    phase: 'ran',
    isOpen: true,
  })
  expect(last(job([first], null, { status: 'queued' }))).toMatchObject({
    attempt: null,
    bars: [{ phase: 'waited', isOpen: true }],
  })
  const scheduled = job([], null, { status: 'queued', run_at: iso(1500) })
  expect(spans(last(scheduled)?.bars ?? [])).toEqual([
    ['scheduled', 1500],
    ['waited', 500],
  ])
})

it('rests between the end and a rerun, and says how many attempts are not kept', () => {
  const { attempts, end } = told([{ waits: 10, fetches: 0, slot: 0, runs: 100, stores: 0, ends: 'failed' }])
  const again = told([{ waits: 10, fetches: 0, slot: 0, runs: 100, stores: 0, ends: 'succeeded' }], end + 60_000)
  const rerun = again.attempts.map((one) => ({ ...one, number: 2 }))
  const { rows } = timelineOfJob(job([...attempts, ...rerun], again.end), [], 0)
  expect(spans(rows[1]?.bars ?? [])[0]).toEqual(['rested', 60_000])
  const cut = again.attempts.map((one) => ({ ...one, number: 9, queue_seconds: null }))
  expect(timelineOfJob(job([...attempts, ...cut], again.end), [], 0).rows[1]).toMatchObject({
    ...{ missing: 7, bars: [{ phase: 'unknown' }, {}] },
  })
})

it('cuts the axis where nothing was done, so that a try tomorrow leaves room for the run of today', () => {
  const { attempts, end } = told([{ waits: 500, fetches: 0, slot: 0, runs: 500, stores: 0, ends: 'succeeded' }])
  const tries = [{ at: iso(end + 86_400_000), status: 503, error: 'bad_status' as const, duration_ms: 20 }]
  const delivery = { tries, tries_made: 3, next_try_at: iso(end + 2 * 86_400_000) } as WebhookDelivery
  const timeline = timelineOfJob(job(attempts, end), [delivery], 0)
  expect(timeline.deliveries).toMatchObject([{ missing: 2, marks: [{ state: 'failed' }, { state: 'next' }] }])
  const scale = timeScaleOf(timeline)
  expect(scale.at(T0 + end)).toBeGreaterThan(0.8)
  expect(scale.at(T0 + end + 2 * 86_400_000)).toBe(1)
  expect(scale.breaks).toHaveLength(1)
})

const ms = fc.nat(10_000)
const ends = fc.constantFrom<Story['ends'][]>('failed', 'worker_lost', 'begun_lost', 'released')
const story = fc.record({ waits: ms, fetches: ms, slot: ms, runs: ms, stores: ms, ends })
const history = fc.tuple(fc.array(story, { maxLength: 8 }), story, fc.nat(20_000)).map(([before, last, scheduled]) => {
  const { attempts, end } = told([...before, { ...last, ends: 'succeeded' }], scheduled)
  return job(attempts, end, { run_at: scheduled > 0 ? iso(scheduled) : null })
})

it('adds up from the submit to the end, whatever happened', () => {
  fc.assert(
    fc.property(history, (told) => {
      const timeline = timelineOfJob(told, [], T0 + 1e9)
      const bars = timeline.rows.flatMap((row) => row.bars)
      expect(timeline.strayMs).toBeLessThan(2)
      expect(Math.abs(lengthOf(bars) - (timeline.endMs - timeline.fromMs))).toBeLessThan(1)
      for (const [i, bar] of bars.entries()) expect(bar.fromMs).toBe(bars[i - 1]?.toMs ?? timeline.fromMs)
      const ran = told.attempts.reduce((sum, { run_seconds }) => sum + (run_seconds ?? 0) * 1000, 0)
      expect(Math.abs(lengthOf(bars.filter(({ phase }) => phase === 'ran')) - ran)).toBeLessThan(2)
      const scale = timeScaleOf(timeline)
      const places = bars.flatMap(({ fromMs, toMs }) => [scale.at(fromMs), scale.at(toMs)])
      expect(places).toEqual([...places].sort((a, b) => a - b))
      expect([places[0], places.at(-1)].every((place) => place === undefined || (place >= 0 && place <= 1))).toBe(true)
    }),
  )
})

it('draws every record without an overlap, however its times contradict each other', () => {
  const time = fc.option(fc.integer({ min: -1000, max: 20_000 }).map(iso))
  const seconds = fc.option(fc.double({ min: 0, max: 100, noNaN: true }))
  const attempt = fc.record({
    ...{
      number: fc.option(fc.nat(40)),
      worker: fc.constant('w'),
      version: fc.constant('1'),
      device: fc.constant(null),
    },
    ...{ claimed_at: time, started_at: time, ended_at: time, queue_seconds: seconds, fetch_seconds: seconds },
    ...{ run_seconds: seconds, error: fc.constant(null) },
    outcome: fc.constantFrom('running', 'succeeded', 'failed', 'canceled', 'released', 'worker_lost'),
  }) as fc.Arbitrary<Attempt>
  fc.assert(
    fc.property(fc.array(attempt, { maxLength: 5 }), fc.option(fc.nat(30_000)), (attempts, end) => {
      const { rows, fromMs, endMs } = timelineOfJob(job(attempts, end), [], T0 + 5000)
      const bars = rows.flatMap((row) => row.bars)
      for (const [i, bar] of bars.entries()) expect(bar.fromMs).toBe(bars[i - 1]?.toMs ?? fromMs)
      expect(bars.every((bar) => bar.toMs >= bar.fromMs && bar.toMs <= endMs)).toBe(true)
    }),
  )
})
