/** How many workers a model needs, as the API shows it and as its metrics say it. Called by scale-routes.ts and scale-metrics.ts. */
import type { ModelScale, ScaleLine, ScalePool, ScaleReason } from '@millrace/contracts'
import {
  isPinned,
  type ScaleDepth,
  type ScaleLineState,
  type ScalePoolState,
  type ScaleState,
  versionOfLine,
} from '@millrace/queue'

export interface ScaleBounds {
  targetWaitSeconds: number
  minWorkers: number
  maxWorkers: number
}

/** What a reader gets of a model, or of one version of it. */
export type ScaleFigures = Pick<
  ModelScale,
  'queue_depth' | 'oldest_wait_seconds' | 'workers' | 'slots' | 'busy_fraction' | 'desired_workers' | 'reason'
>

/** `version`: of its workers alone. */
export function scaleView(
  model: string,
  state: ScaleState,
  { version, ...bounds }: ScaleBounds & { version?: string | undefined },
): ModelScale {
  const pools = state.pools.filter((pool) => version === undefined || pool.version === version)
  const lines = state.lines.filter(({ pool }) => version === undefined || pool === version)
  return {
    ...{ object: 'model_scale', model, version: version ?? null },
    ...scaleFigures(pools, bounds),
    // Of the lines that were not looked at, too.
    ...(version === undefined && { queue_depth: state.queued }),
    ...{ running: state.running, scheduled: state.scheduled },
    ...{
      target_wait_seconds: bounds.targetWaitSeconds,
      min_workers: bounds.minWorkers,
      max_workers: bounds.maxWorkers,
    },
    pools: pools.map((pool) => poolView(pool, bounds.maxWorkers)),
    lines: lines.map(lineView),
  }
}

/** Of these pools together. */
export function scaleFigures(
  pools: readonly ScalePoolState[],
  { minWorkers, maxWorkers }: Pick<ScaleBounds, 'minWorkers' | 'maxWorkers'>,
): ScaleFigures {
  const sum = (of: (pool: ScalePoolState) => number): number => pools.reduce((all, pool) => all + of(pool), 0)
  const all: ScaleDepth = {
    queued: sum(({ queued }) => queued),
    oldestMs: Math.max(0, ...pools.map(({ oldestMs }) => oldestMs)),
    workers: sum(({ workers }) => workers),
    slots: sum(({ slots }) => slots),
    busySlots: sum(({ busySlots }) => busySlots),
  }
  const [needed, wanted] = [sum((pool) => pool.needed), sum((pool) => pool.wanted)]
  const isPaused = pools.length > 0 && pools.every((pool) => pool.isPaused)
  return {
    ...depthView(all),
    desired_workers: Math.min(maxWorkers, Math.max(minWorkers, wanted)),
    reason: reasonOf({ needed, wanted, queued: all.queued, isPaused, minWorkers, maxWorkers }),
  }
}

function poolView(pool: ScalePoolState, maxWorkers: number): ScalePool {
  const { version, isCurrent: current, slotsEach, runMs, coldStartMs, holdMs } = pool
  const { desired_workers, reason, ...figures } = scaleFigures([pool], { minWorkers: 0, maxWorkers })
  return {
    ...{ version, current, ...figures, desired_workers, reason },
    run_seconds: runMs === undefined ? null : seconds(runMs),
    slots_per_worker: slotsEach ?? null,
    cold_start_seconds: coldStartMs === undefined ? null : seconds(coldStartMs),
    hold_seconds: seconds(holdMs),
  }
}

function lineView({ line, pool, needed, ...depth }: ScaleLineState): ScaleLine {
  const isPin = isPinned(line)
  return {
    ...{ version: isPin ? versionOfLine(line) : null, contract: isPin ? null : line.slice(2), pool: pool ?? null },
    ...{ ...depthView(depth), desired_workers: needed },
  }
}

const depthView = ({ queued, oldestMs, workers, slots, busySlots }: ScaleDepth) => ({
  queue_depth: queued,
  oldest_wait_seconds: seconds(oldestMs),
  ...{ workers, slots },
  busy_fraction: slots === 0 ? 0 : Math.min(1, Math.round((busySlots / slots) * 1000) / 1000),
})

interface Judged {
  needed: number
  wanted: number
  queued: number
  isPaused: boolean
  minWorkers: number
  maxWorkers: number
}

function reasonOf({ needed, wanted, queued, isPaused, minWorkers, maxWorkers }: Judged): ScaleReason {
  if (wanted > maxWorkers) return 'max'
  if (isPaused && queued > 0) return 'paused'
  if (wanted < minWorkers) return 'min'
  if (wanted > needed) return 'held'
  return wanted === 0 ? 'idle' : 'demand'
}

const seconds = (ms: number): number => Math.round(ms) / 1000
