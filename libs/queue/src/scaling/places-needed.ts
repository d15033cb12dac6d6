/**
 * How many places jobs need, so that what waits begins in time and what comes finds one free. It does not look at how many workers there
 * are: what was asked for a moment ago changes nothing of what is needed, so a need cannot feed on itself. Asked for each pool by
 * plan-pools.ts.
 */

/** Jobs of one line that may start now, or will within the time that a worker needs to be there. */
export interface LineDemand {
  waiting: number
  /** Of tenants that may not run any number: how many of them wait, and how many more may run. */
  bounded: readonly (readonly [waiting: number, room: number])[]
  /** How long one has a place. Milliseconds. */
  runMs: number
}

export interface PoolDemand {
  lines: readonly LineDemand[]
  /** Jobs that came of late, in so many milliseconds, and how long one of them has a place. */
  came: number
  cameMs: number
  runMs: number
  /** Places that are taken, on average of the last seconds. */
  busy: number
}

/** All in milliseconds. */
export interface ScaleTimes {
  /** Until a worker that is asked for takes jobs. */
  coldStartMs: number
  /**
   * In this time what waits is to have begun. As asked, but twice the cold start at least: in a shorter time workers that come could do
   * next to nothing, and any number of them would not be enough.
   */
  drainMs: number
  /** How long a need is kept to after it was greatest: until what it was about is done. */
  holdMs: number
}

/** Places that are to be free for what comes at random: a third more than are taken on average. */
const HEADROOM = 4 / 3
const LEAST_HOLD_MS = 60_000
export const MOST_HOLD_MS = 600_000

export function scaleTimes(targetWaitMs: number, coldStartMs: number): ScaleTimes {
  const drainMs = Math.max(targetWaitMs, 2 * coldStartMs, 1000)
  return { coldStartMs, drainMs, holdMs: Math.min(MOST_HOLD_MS, Math.max(LEAST_HOLD_MS, drainMs)) }
}

/** For what waits in a line. A job needs a place for the whole time at most; a tenant no more of them than it may have. */
export function placesForWaiting(
  { waiting, bounded, runMs }: LineDemand,
  { drainMs, coldStartMs }: ScaleTimes,
): number {
  const part = Math.min(1, runMs / (drainMs - coldStartMs))
  const ofBounded = bounded.reduce((sum, [count]) => sum + count, 0)
  const free = Math.max(0, waiting - ofBounded) * part
  return bounded.reduce((sum, [count, room]) => sum + Math.min(count * part, room), free)
}

/** For all of a pool. */
export function placesNeeded(demand: PoolDemand, times: ScaleTimes): number {
  const { lines, came, cameMs, runMs, busy } = demand
  const waiting = lines.reduce((sum, line) => sum + line.waiting, 0)
  // What came and still waits is counted as waiting. Each of the others had one place at most.
  const served = Math.max(0, came - waiting)
  const coming = served * Math.min(1, (HEADROOM * runMs) / cameMs)
  const backlog = lines.reduce((sum, line) => sum + placesForWaiting(line, times), 0)
  return backlog + Math.max(coming, busy)
}

/** Whole workers with so many places each. */
export const workersFor = (places: number, slotsEach: number): number =>
  Math.max(0, Math.ceil(places / Math.max(1, slotsEach) - 1e-9))
