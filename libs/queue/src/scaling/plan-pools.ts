/**
 * From what was seen of a model to how many workers each of its versions needs. Pure: RedisModelScaling looks before it, and keeps what it
 * says after it.
 */
import { isPaused, toPauses } from '../models/pauses.ts'
import type {
  ScaleAsk,
  ScaleDepth,
  ScaleLineState,
  ScalePoolState,
  ScaleState,
} from '../ports/scaling/model-scaling.ts'
import { SCRIPT_CONSTANTS } from '../scripts/contract/script-constants.ts'
import { type KeptNeed, KeptNeeds } from './kept-needs.ts'
import {
  type LineDemand,
  placesForWaiting,
  placesNeeded,
  type ScaleTimes,
  scaleTimes,
  workersFor,
} from './places-needed.ts'
import { poolOfLine } from './pool-of-line.ts'
import {
  type DemandReply,
  meanRunMs,
  type SeenLine,
  type SeenVersion,
  seenLines,
  serves,
  seenVersions,
} from './seen-demand.ts'

/** How long a worker takes to be there where none has told it. */
const FIRST_COLD_START_MS = 30_000

export interface ScalePlan {
  state: ScaleState
  /** What is to be kept of it, and what is kept in vain. */
  fresh: KeptNeed[]
  stale: string[]
}

interface Seen {
  reply: DemandReply
  ask: ScaleAsk
  versions: SeenVersion[]
  lines: SeenLine[]
  current: string | undefined
}

/** A version, and the lines that count to it. */
interface Pool extends SeenVersion {
  own: SeenLine[]
  times: ScaleTimes
  isPaused: boolean
}

export function planPools(reply: DemandReply, ask: ScaleAsk): ScalePlan {
  const current = reply.current === '' ? undefined : reply.current
  const seen: Seen = { reply, ask, current, versions: seenVersions(reply), lines: seenLines(reply) }
  const pools = poolsOf(seen)
  const needs = needsOf(pools, seen)
  const kept = new KeptNeeds(reply.kept, reply.nowMs)
  const states = pools.map((pool, i) => toPoolState(pool, needs[i] ?? 0, kept, seen))
  const waiting = Math.max(0, reply.queued - reply.scheduled)
  const fresh = states.map(({ version, needed }) => kept.fresh(version, needed)).filter((one) => one !== undefined)
  return {
    state: {
      ...{ queued: waiting, scheduled: reply.scheduled, running: reply.running, pools: states },
      lines: toLineStates(pools, seen),
    },
    fresh,
    stale: kept.stale,
  }
}

/** Those that have workers or jobs, and the current one. */
function poolsOf(seen: Seen): Pool[] {
  const { versions, lines, current, ask, reply } = seen
  const pauses = toPauses(reply.paused)
  // Who is given nothing does not count where somebody else may run the same.
  const open = pauses.model === null ? versions.filter(({ version }) => !isPaused(pauses, version)) : versions
  const byPool = new Map<string, SeenLine[]>()
  for (const one of lines) {
    const pool = poolOfLine(one.line, open, current) ?? ''
    byPool.set(pool, [...(byPool.get(pool) ?? []), one])
  }
  const known = new Set(versions.map(({ version }) => version))
  const gone = [...byPool.keys()].filter((version) => version !== '' && !known.has(version))
  return [...versions, ...gone.map(toGone)].flatMap((one) => {
    const own = byPool.get(one.version) ?? []
    const hasJobs = own.some(({ waiting, dueMs }) => waiting > 0 || dueMs.length > 0)
    if (one.workers === 0 && one.version !== current && !hasJobs) return []
    const coldStartMs = ask.coldStartMs ?? one.loadMs ?? FIRST_COLD_START_MS
    const times = scaleTimes(ask.targetWaitMs, coldStartMs)
    return [{ ...one, own, times, isPaused: isPaused(pauses, one.version) }]
  })
}

/** Nothing is known of a version but that jobs are pinned to it. */
const toGone = (version: string): SeenVersion => ({
  ...{ version, workers: 0, lines: [], slots: 0, busySlots: 0, slotsEach: undefined, loadMs: undefined },
})

/** How many workers each needs now. */
function needsOf(pools: readonly Pool[], seen: Seen): number[] {
  const { reply } = seen
  // What was submitted for a later time is not there to be run.
  const came = Math.max(0, reply.came - reply.scheduled)
  const weights = pools.map(({ own, busySlots }) => waitingIn(own) + busySlots)
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const needs = pools.map((pool, i) => {
    const part = all > 0 ? (weights[i] as number) / all : pool.version === (seen.current ?? pools[0]?.version) ? 1 : 0
    const places = placesNeeded(
      {
        lines: pool.isPaused ? [] : pool.own.map((line) => toDemand(line, pool, seen)),
        ...{ came: pool.isPaused ? 0 : came * part, cameMs: reply.cameMs, busy: pool.busySlots },
        runMs: runMsOf(pool.own, seen),
      },
      pool.times,
    )
    return workersFor(places, pool.slotsEach ?? 1)
  })
  if (reply.running > 0 && needs.every((need) => need === 0)) keepOne(needs, pools)
  return needs
}

/** Something runs, and its worker has not told so yet. */
function keepOne(needs: number[], pools: readonly Pool[]): void {
  const most = Math.max(...pools.map(({ workers }) => workers))
  const at = pools.findIndex(({ workers }) => workers === most)
  if (at >= 0) needs[at] = 1
}

function toDemand({ waiting, bounded, runs, dueMs }: SeenLine, { times }: Pool, seen: Seen): LineDemand {
  // A worker that is asked for when their time comes would be too late.
  const soon = dueMs.filter((ms) => ms <= seen.reply.nowMs + times.coldStartMs).length
  return { waiting: waiting + soon, bounded, runMs: runs.known > 0 ? runs.mean : runMsOf([], seen) }
}

/** Of these lines, or of all of the model where nothing is known of these. */
const runMsOf = (lines: readonly SeenLine[], seen: Seen): number =>
  meanRunMs(lines) ?? meanRunMs(seen.lines) ?? SCRIPT_CONSTANTS.FIRST_ESTIMATE_MS

const waitingIn = (lines: readonly SeenLine[]): number => lines.reduce((sum, { waiting }) => sum + waiting, 0)

const oldestIn = (lines: readonly SeenLine[], nowMs: number): number =>
  Math.max(0, ...lines.map(({ waiting, sinceMs }) => (waiting > 0 ? nowMs - sinceMs : 0)))

function toPoolState(pool: Pool, needed: number, kept: KeptNeeds, { reply, current }: Seen): ScalePoolState {
  const { version, own, workers, slots, busySlots, slotsEach, loadMs, times, isPaused: paused } = pool
  return {
    ...{ version, isCurrent: version === current, isPaused: paused },
    ...{ queued: waitingIn(own), oldestMs: oldestIn(own, reply.nowMs), workers, slots, busySlots },
    ...{ slotsEach, runMs: meanRunMs(own), coldStartMs: loadMs, holdMs: times.holdMs },
    ...{ needed, wanted: Math.max(needed, kept.most(version, times.holdMs)) },
  }
}

function toLineStates(pools: readonly Pool[], seen: Seen): ScaleLineState[] {
  const states = seen.lines.flatMap((one): ScaleLineState[] => {
    if (one.waiting === 0) return []
    const { line, waiting: queued } = one
    const pool = pools.find(({ own }) => own.includes(one))
    const places = pool && !pool.isPaused ? placesForWaiting(toDemand(one, pool, seen), pool.times) : 0
    return [
      {
        ...{ line, pool: pool?.version, queued, oldestMs: oldestIn([one], seen.reply.nowMs) },
        ...servedBy(seen.versions.filter((version) => serves(version, line))),
        needed: workersFor(places, pool?.slotsEach ?? 1),
      },
    ]
  })
  return states.sort((a, b) => b.queued - a.queued).slice(0, SCRIPT_CONSTANTS.LINES_SHOWN)
}

function servedBy(versions: readonly SeenVersion[]): Pick<ScaleDepth, 'workers' | 'slots' | 'busySlots'> {
  const sum = (of: (one: SeenVersion) => number): number => versions.reduce((all, one) => all + of(one), 0)
  return {
    workers: sum(({ workers }) => workers),
    slots: sum(({ slots }) => slots),
    busySlots: sum((one) => one.busySlots),
  }
}
