/** What a tenant is told of where its job waits: from what was seen of the line, and where the job stands in it. Called by readPlace. */
import type { WaitReason } from '@millrace/contracts'
import type { QueuePlace } from '../ports/job-reader.ts'
import { inSteps, othersBefore } from './others-before.ts'
import type { LineView } from './line-view.ts'
import { type Eta, StartTimes } from './start-times.ts'

/** Where a job stands. */
export interface Standing {
  tenant: string
  /** `later`: its time has not come. `suspect`: it may have taken a worker down, and waits for an idle one. */
  where: 'row' | 'later' | 'suspect'
  /** Jobs of its tenant before it: in its row, and in other lines of the same workers. */
  before: number
  ownBeside: number
  /** Until its time comes. Milliseconds; 0 when it has. */
  dueMs: number
  /** Where its tenant stands in the line, and what was set for it. */
  used: number
  weight: number
  cap: number
  /** It has used devices for as long as it may today. */
  isSpent: boolean
  /** Jobs of its tenant that run, of the whole model. */
  running: number
}

/** So many runs have to be known before anything is said of times. */
export const LEAST_RUNS = 20

export function placeOf(view: LineView, standing: Standing): QueuePlace {
  const { where, before } = standing
  const isInRow = where === 'row'
  return {
    position: isInRow ? before + 1 : null,
    ahead: isInRow ? ownBefore(standing) : null,
    eta: etaOf(view, standing),
    why: WHY.find(([, holds]) => holds(view, standing))?.[0] ?? null,
    workers: view.workers,
  }
}

/** Why a job does not start now: the first that holds. */
const WHY: readonly (readonly [WaitReason, (view: LineView, standing: Standing) => boolean])[] = [
  ['scheduled', (_, { where }) => where === 'later'],
  ['paused', ({ isPaused }) => isPaused],
  ['loading', ({ isLoading }) => isLoading],
  ['no_worker', ({ workers }) => workers === 0],
  ['suspect', (_, { where }) => where === 'suspect'],
  ['tenant_limit', (_, { running, cap, isSpent }) => isSpent || running >= cap],
  ['busy', ({ running, places }, { before }) => running.length >= places || before > 0],
]

/** Null when that is not known: too few runs were seen, nobody serves the line, an idle worker has to be found, or its tenant has used up its day. */
function etaOf(view: LineView, standing: Standing): Eta | null {
  const { where, dueMs, cap, isSpent } = standing
  if (isSpent || view.isPaused || view.places === 0 || where === 'suspect' || view.runs.known < LEAST_RUNS) return null
  const { p50, p90 } = later(
    view.starts().after(aheadOf(view, standing)),
    ofCap(view, standing, ownBefore(standing), cap),
  )
  return toSeconds(later({ p50, p90 }, { p50: dueMs, p90: dueMs }))
}

/** Over all lines of the same workers its tenant has one turn, and of its jobs the older one goes first. */
const ownBefore = ({ before, ownBeside }: Standing): number => before + Math.round(ownBeside)

/** How many jobs are to start before it: some counts, each as likely. What others have is in steps; see others-before.ts. */
function aheadOf(view: LineView, standing: Standing): number[] {
  const { tenant } = standing
  const before = ownBefore(standing)
  const ownHeld = view.held.filter((whose) => whose === tenant).length
  const othersHeld = view.held.length - ownHeld
  const own = before + ownHeld
  return othersBefore(view, { ...standing, before }).map((others) => own + inSteps(others + othersHeld))
}

/** When the tenant's own limit lets it start. */
function ofCap(view: LineView, { tenant, running }: Standing, before: number, cap: number): Eta {
  if (running + before < cap) return AT_ONCE
  const own = view.running.filter((job) => job.tenant === tenant).map(({ ranMs }) => ranMs)
  // A model that has nothing of the limit just now gets some about a second later, unless it is 0.
  const places = Math.max(1, cap)
  const starts = new StartTimes({ places, running: own.slice(0, places), runs: view.runs })
  return starts.after([before + Math.max(0, running - places)])
}

const AT_ONCE: Eta = { p50: 0, p90: 0 }
const later = (a: Eta, b: Eta): Eta => ({ p50: Math.max(a.p50, b.p50), p90: Math.max(a.p90, b.p90) })

/** Whole seconds, and in steps that grow: nobody knows it better. */
function toSeconds({ p50, p90 }: Eta): Eta {
  const shown = inTimeSteps(p50 / 1000, Math.round)
  return { p50: shown, p90: Math.max(1, shown, inTimeSteps(p90 / 1000, Math.ceil)) }
}

/** By what a time is rounded that is shorter than so many seconds. */
const TIME_STEPS = [
  [20, 1],
  [60, 2],
  [180, 5],
  [600, 15],
  [1800, 60],
  [7200, 300],
  [86_400, 1800],
] as const

function inTimeSteps(seconds: number, round: (n: number) => number): number {
  const step = TIME_STEPS.find(([most]) => seconds < most)?.[1] ?? 21_600
  return round(seconds / step) * step
}
