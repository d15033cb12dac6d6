/** What waits and runs of a model, as the API shows it. Called by queue-routes.ts. */
import { type QueueLine, type QueueState, WAIT_REASONS, type WaitReason } from '@millrace/contracts'
import { isPinned, type LineState, type ModelState, type QueueLook, versionOfLine } from '@millrace/queue'

export interface QueueFacts {
  state: ModelState
  look: QueueLook
  isLoading: boolean
  /** Jobs that came and went in each minute; undefined for who is told of its own jobs alone. */
  rates: { in: number; out: number } | undefined
}

export function queueView({ state, look, isLoading, rates }: QueueFacts): QueueState {
  const { manifest, running, workers, pauses } = state
  const { lines, slots, nowMs } = look
  const isForAll = rates !== undefined
  const byPriority = sumOf(look)
  const counted = byPriority ? byPriority.high + byPriority.normal + byPriority.low : undefined
  // What was counted at one moment. Of a tenant not all that waits is in such a count: what waits for its time is not.
  const queued = isForAll && counted !== undefined ? counted : state.queued
  const paused = pauses.model !== null
  const oldest = lines.flatMap(({ oldestMs }) => (oldestMs === undefined ? [] : [oldestMs]))
  const why = whyOf({ queued, running, workers, slots, paused, isLoading })
  return {
    ...{ object: 'queue', model: manifest.name, queued, running, workers, slots, paused, why },
    by_priority: counted === queued ? byPriority : null,
    oldest_wait_seconds: oldest.length === 0 ? null : secondsSince(Math.min(...oldest), nowMs),
    drain_seconds: isForAll ? drainOf(lines) : null,
    note: noteOf(why),
    scheduled: isForAll ? look.scheduled : null,
    in_per_minute: rates?.in ?? null,
    out_per_minute: rates?.out ?? null,
    lines: lines.map((line) => lineView(line, { running, isLoading, isForAll, nowMs })),
    lines_total: look.linesTotal,
  }
}

function lineView(
  one: LineState,
  { running, isLoading, isForAll, nowMs }: { running: number; isLoading: boolean; isForAll: boolean; nowMs: number },
): QueueLine {
  const { line, queued, suspects, workers, slots, isPaused: paused } = one
  const why = whyOf({ queued, running, workers, slots, paused, isLoading })
  return {
    ...{ version: isPinned(line) ? versionOfLine(line) : null, contract: isPinned(line) ? null : line.slice(2) },
    ...{ queued, suspects, workers, slots, paused, why, by_priority: one.byPriority ?? null },
    oldest_wait_seconds: one.oldestMs === undefined ? null : secondsSince(one.oldestMs, nowMs),
    drain_seconds: isForAll ? drainOf([one]) : null,
    note: why === 'no_worker' && isPinned(line) ? `No worker serves version ${versionOfLine(line)} now.` : noteOf(why),
  }
}

interface Standing {
  queued: number
  running: number
  workers: number
  slots: number
  paused: boolean
  isLoading: boolean
}

function whyOf({ queued, running, workers, slots, paused, isLoading }: Standing): WaitReason | null {
  if (queued === 0) return null
  if (paused) return 'paused'
  if (workers === 0) return isLoading ? 'loading' : 'no_worker'
  return running >= slots ? 'busy' : null
}

const noteOf = (why: WaitReason | null): string | null => (why === null || why === 'busy' ? null : WAIT_REASONS[why])

const secondsSince = (ms: number, nowMs: number): number => Math.max(0, Math.round((nowMs - ms) / 100) / 10)

/** All lines go on at once, so the last of them counts. */
function drainOf(lines: readonly LineState[]): number | null {
  const known = lines.map(({ drainMs }) => drainMs)
  if (known.includes(undefined)) return null
  return Math.round(Math.max(0, ...known.map((ms) => ms ?? 0)) / 1000)
}

function sumOf({ lines, linesTotal }: QueueLook): QueueState['by_priority'] {
  const sum = { high: 0, normal: 0, low: 0 }
  for (const { byPriority } of lines) {
    if (!byPriority) return null
    for (const name of ['high', 'normal', 'low'] as const) sum[name] += byPriority[name]
  }
  return lines.length < linesTotal ? null : sum
}
