/**
 * Where a time stands on the axis of a timeline, from 0 to 1. Time in which nothing was done for the job (it was scheduled, it had
 * ended, only webhooks were tried) is drawn no longer than its rest deserves: else a try of a webhook tomorrow would leave no room for
 * the run of today. Such a place is told, so that it can be marked. Called by the screen of a job.
 */
import type { Phase, Timeline } from './timeline.ts'

export interface TimeScale {
  /** Grows with the time. */
  at(ms: number): number
  /** Places of the axis that are drawn shorter than they are: from 0 to 1. */
  breaks: { from: number; to: number; ms: number }[]
  toMs: number
}

interface Stretch {
  fromMs: number
  toMs: number
  isIdle: boolean
}

const IDLE: ReadonlySet<Phase> = new Set(['scheduled', 'rested', 'unknown'])

/** Of the whole axis, at most, for each idle stretch that is cut. */
const IDLE_PART = 0.15

export function timeScaleOf(timeline: Timeline): TimeScale {
  const stretches = stretchesOf(timeline)
  const sumOf = (some: Stretch[]): number => some.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
  const busyMs = sumOf(stretches.filter(({ isIdle }) => !isIdle))
  const whole = busyMs > 0 ? busyMs : sumOf(stretches)
  const cutMs = whole * IDLE_PART
  const weights = stretches.map(({ isIdle, fromMs, toMs }) =>
    isIdle && busyMs > 0 ? Math.min(toMs - fromMs, cutMs) : toMs - fromMs,
  )
  const all = weights.reduce((sum, weight) => sum + weight, 0) || 1
  const knots = [0]
  for (const weight of weights) knots.push((knots.at(-1) as number) + weight / all)
  const breaks = stretches.flatMap(({ fromMs, toMs }, i) =>
    toMs - fromMs > (weights[i] as number)
      ? [{ from: knots[i] as number, to: knots[i + 1] as number, ms: toMs - fromMs }]
      : [],
  )
  return { at: (ms) => placeOf(ms, stretches, knots), breaks, toMs: stretches.at(-1)?.toMs ?? timeline.endMs }
}

function placeOf(ms: number, stretches: readonly Stretch[], knots: readonly number[]): number {
  for (const [i, { fromMs, toMs }] of stretches.entries()) {
    if (ms > toMs) continue
    const [from, to] = [knots[i] as number, knots[i + 1] as number]
    return toMs === fromMs ? from : from + (to - from) * Math.max(0, (ms - fromMs) / (toMs - fromMs))
  }
  return knots.at(-1) as number
}

/** The axis from end to end; neighbours differ in what they are. */
function stretchesOf({ rows, deliveries, endMs, fromMs }: Timeline): Stretch[] {
  const stretches: Stretch[] = []
  const add = (from: number, to: number, isIdle: boolean): void => {
    const last = stretches.at(-1)
    if (to <= from) return
    if (last?.isIdle === isIdle) last.toMs = to
    else stretches.push({ fromMs: from, toMs: to, isIdle })
  }
  for (const bar of rows.flatMap(({ bars }) => bars)) add(bar.fromMs, bar.toMs, IDLE.has(bar.phase))
  const marks = deliveries.flatMap((row) => row.marks)
  add(endMs, Math.max(endMs, ...marks.map(({ atMs, durationMs }) => atMs + durationMs)), true)
  return stretches.length > 0 ? stretches : [{ fromMs, toMs: endMs, isIdle: false }]
}
