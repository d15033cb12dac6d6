/** How many workers are needed, from what was seen of a model. */
import { describe, expect, it } from 'vitest'
import { planPools } from './plan-pools.ts'
import type { DemandReply } from './seen-demand.ts'

const NOW = 1_700_000_000_000

/** Runs of a second each: 160 of them, in the step that begins at 1024 ms. */
const SECOND_RUNS = { '40': String(160 * 16) }

type Row = DemandReply['rows'][number]
const row = (line: string, queued: number, change: Partial<Row> = {}): Row => ({
  ...{ line, queued, sinceMs: NOW - 5000, bounded: [], runs: SECOND_RUNS },
  ...change,
})

/** One version without workers, each of which would have two places and be there after ten seconds. Nothing happens. */
const seen = (change: Partial<DemandReply> = {}): DemandReply => {
  const rows = change.rows ?? []
  return {
    ...{ nowMs: NOW, current: '1', scheduled: 0, running: 0, came: 0, cameMs: 150_000, paused: {}, kept: {} },
    ...{ places: [], versions: [{ version: '1', workers: 0, served: '2 10000 v:1 c:a' }], rows, soon: [] },
    queued: rows.reduce((sum, { queued }) => sum + queued, 0),
    ...change,
  }
}

const plan = (change: Partial<DemandReply> = {}, targetWaitMs = 30_000) => planPools(seen(change), { targetWaitMs })
const needs = (change: Partial<DemandReply> = {}, targetWaitMs?: number) =>
  Object.fromEntries(plan(change, targetWaitMs).state.pools.map(({ version, needed }) => [version, needed]))

describe('the workers that are needed', () => {
  it('are none when there is nothing to do, and one as soon as a job waits', () => {
    expect(needs()).toEqual({ 1: 0 })
    expect(needs({ rows: [row('v:1', 1)] })).toEqual({ 1: 1 })
    expect(needs({ running: 1 })).toEqual({ 1: 1 })
  })

  it('let what waits begin in the time that was asked for, less the time until they are there', () => {
    // 400 s of work in 20 s: 20 places, some more because a run is somewhat longer than a second.
    expect(needs({ rows: [row('c:a', 400)] })).toEqual({ 1: 12 })
    expect(needs({ rows: [row('c:a', 400)] }, 110_000)).toEqual({ 1: 3 })
    // Asked for less than workers need to come, twice that time holds.
    expect(needs({ rows: [row('c:a', 400)] }, 1000)).toEqual(needs({ rows: [row('c:a', 400)] }, 20_000))
  })

  it('are no more than there are jobs, however long these are', () => {
    const hour = { runs: { '87': '1600' } }
    expect(needs({ rows: [row('v:1', 5, hour)] })).toEqual({ 1: 3 })
    expect(needs({ came: 5, rows: [row('v:1', 5, hour)] })).toEqual({ 1: 3 })
    // They run now.
    expect(needs({ came: 5, running: 5, rows: [row('v:1', 0, hour)] })).toEqual({ 1: 3 })
  })

  it('are a third more than what comes takes on average', () => {
    // 3 jobs of 1.1 s in each second.
    expect(needs({ came: 450, rows: [row('c:a', 0)] })).toEqual({ 1: 3 })
    const busy = ['2 v:1 1', '2 v:1 1', '2 v:1 0.5']
    const versions = [{ version: '1', workers: 3, served: '2 10000 v:1 c:a' }]
    expect(needs({ places: busy, versions, running: 5, rows: [row('c:a', 0)] })).toEqual({ 1: 3 })
  })

  it('do not grow because there are some already, nor because these do not help yet', () => {
    const rows = [row('c:a', 400)]
    const versions = [{ version: '1', workers: 50, served: '2 10000 v:1 c:a' }]
    const places = Array.from({ length: 50 }, () => '2 v:1 0')
    expect(needs({ rows, versions, places })).toEqual(needs({ rows }))
  })

  it('are not for jobs that nobody would be given: those of a tenant at its limit, of a pause, of a later time', () => {
    expect(needs({ rows: [row('v:1', 100, { bounded: [100, 0] })] })).toEqual({ 1: 0 })
    expect(needs({ rows: [row('v:1', 1000, { bounded: [1000, 3] })] })).toEqual({ 1: 2 })
    expect(needs({ came: 9, paused: { '*': `${NOW} take` }, rows: [row('v:1', 100)] })).toEqual({ 1: 0 })
    expect(needs({ came: 9, paused: { 'v:1': `${NOW} take` }, rows: [row('c:a', 100)] })).toEqual({ 1: 0 })
    const later = (dueMs: number) => ({ scheduled: 1, came: 1, soon: [{ line: 'v:1', dueMs }], rows: [row('v:1', 1)] })
    expect(needs(later(NOW + 3_600_000))).toEqual({ 1: 0 })
    // It is due when a worker that is asked for now would be there.
    expect(needs(later(NOW + 9000))).toEqual({ 1: 1 })
    expect(plan(later(NOW + 9000)).state).toMatchObject({ queued: 0, scheduled: 1, lines: [] })
  })
})

describe('jobs count to the workers', () => {
  const versions = [
    { version: '2', workers: 0, served: '1 10000 v:2 c:b' },
    { version: '1', workers: 1, served: '2 10000 v:1 c:a' },
  ]
  const of = (line: string, current: string) => needs({ current, versions, places: ['2 v:1 0'], rows: [row(line, 1)] })

  it('of the version to which they are pinned, whether or not it is known', () => {
    expect(of('v:1', '2')).toEqual({ 2: 0, 1: 1 })
    expect(of('v:2', '1')).toEqual({ 2: 1, 1: 0 })
    expect(of('v:0', '1')).toEqual({ 1: 0, 0: 1 })
  })

  it('of one version that has their contract: the current one, or that which has workers', () => {
    expect(of('c:b', '2')).toEqual({ 2: 1, 1: 0 })
    expect(of('c:a', '2')).toEqual({ 2: 0, 1: 1 })
    // Nobody is known to have it.
    expect(of('c:x', '2')).toEqual({ 2: 1, 1: 0 })
    const both = versions.map((one) => ({ ...one, served: `${one.served} c:ab` }))
    const shared = (current: string) => needs({ current, versions: both, places: ['2 v:1 0'], rows: [row('c:ab', 1)] })
    expect(shared('2')).toEqual({ 2: 1, 1: 0 })
    expect(shared('1')).toEqual({ 1: 1 })
    // The current one is paused, and the other one is not.
    const paused = { 'v:2': `${NOW} take` }
    const held = { current: '2', versions: both, places: ['2 v:1 0'], rows: [row('c:ab', 1)], paused }
    expect(needs(held)).toEqual({ 2: 0, 1: 1 })
  })
})

describe('what was needed a moment ago', () => {
  it('is kept to until it was less for a while, and then forgotten', () => {
    const busy = plan({ rows: [row('v:1', 400)] })
    expect(busy.fresh).toEqual([[expect.stringMatching(/^\d+ 1$/), 12]])
    const kept = Object.fromEntries(busy.fresh.map(([field, workers]) => [field, String(workers)]))
    const after = (ms: number) => plan({ kept, nowMs: NOW + ms })
    expect(after(30_000)).toMatchObject({ fresh: [], state: { pools: [{ needed: 0, wanted: 12 }] } })
    expect(after(59_000).state.pools[0]?.wanted).toBe(12)
    expect(after(121_000).state.pools[0]?.wanted).toBe(0)
    expect(after(700_000).stale).toHaveLength(1)
    // The same again is not written again.
    expect(plan({ kept, rows: [row('v:1', 400)] }).fresh).toEqual([])
  })
})
