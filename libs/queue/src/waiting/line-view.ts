/**
 * What is known of a line at one moment, as far as it tells how long its jobs will wait. Read by read-line.ts; the same for all
 * jobs of the line. It says much of other tenants: nothing of it is shown as it is, see others-before.ts.
 */
import type { RunTimes } from './run-times.ts'
import type { StartTimes } from './start-times.ts'

export interface LineView {
  /** Workers that serve it, seen within the last 15 s; a hundred when there are more. */
  workers: number
  /** How many jobs these can run at once. */
  places: number
  /** Jobs in the hands of these workers that take a place. */
  running: readonly RunningJob[]
  /** Whose jobs they have taken ahead, that wait for a place there. */
  held: readonly string[]
  runs: RunTimes
  /** How long a run of the line takes. Milliseconds. */
  meanMs: number
  /** Of it and of the lines beside it: the tenants that are first in turn, those at their cap, and those that only have jobs running. At most some 200. */
  turns: readonly Turn[]
  /** How many tenants have jobs that wait in it or beside it; about, where some of these were not looked at. */
  tenants: number
  /** Lines that the same workers serve beside it, and in which jobs wait. */
  beside: readonly BesideLine[]
  /** Its jobs are given to nobody now, because somebody said so. */
  isPaused: boolean
  /** Nobody serves it, and a worker loads its model. Whether it will serve the line is known when it has loaded. */
  isLoading: boolean
  /** Made when it is first asked for: for the line as a whole. */
  starts(): StartTimes
}

export interface RunningJob {
  tenant: string
  /** Milliseconds; undefined when it may have waited in its worker. */
  ranMs: number | undefined
}

export interface Turn {
  tenant: string
  /** Where it stands: the device time it has used, divided by its weight. Milliseconds. */
  used: number
  weight: number
  /** How many of its jobs may run at once; Infinity without a limit. */
  cap: number
  waiting: number
  /** Jobs that it has submitted of late, for each millisecond. */
  perMs: number
}

export interface BesideLine {
  line: string
  /** Which part of its places these workers have, of all workers that serve it. */
  share: number
  /** What is added to the turns that it keeps, so that they are as the line counts that is looked at. */
  apart: number
  /** How many tenants have jobs that wait in it. */
  waiting: number
  /** Of these the ones that are first in turn, each with where it stands, as the line counts that is looked at. */
  tenants: readonly (readonly [tenant: string, used: number])[]
}
