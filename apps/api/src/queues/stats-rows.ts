/** Rows of what happened to a model, made of its minutes. Called by stats-routes.ts. */
import { isoTime, type StatsRow, type StatsSpread } from '@millrace/contracts'
import { Lengths, type MinuteCounts } from '@millrace/queue'

type Minute = MinuteCounts & { minute: number }

const MINUTE_MS = 60_000

/** A row for so many minutes at a time; the first begins at `from`. Those in which nothing happened are left out. */
export function statsRows(minutes: readonly Minute[], from: number, every: number): StatsRow[] {
  const rows = new Map<number, Minute[]>()
  for (const one of minutes) {
    const begin = from + Math.floor((one.minute - from) / every) * every
    rows.set(begin, [...(rows.get(begin) ?? []), one])
  }
  return [...rows].map(([begin, own]) => ({ at: isoTime(begin * MINUTE_MS), ...statsTotal(own) }))
}

export function statsTotal(minutes: readonly MinuteCounts[]): Omit<StatsRow, 'at'> {
  const [wait, run] = [new Lengths(), new Lengths()]
  const sum = { submitted: 0, reran: 0, succeeded: 0, failed: 0, canceled: 0 }
  for (const one of minutes) {
    for (const name of NAMES) sum[name] += one[name]
    wait.addAll(one.wait)
    run.addAll(one.run)
  }
  return { ...sum, wait: toSpread(wait), run: toSpread(run) }
}

const NAMES = ['submitted', 'reran', 'succeeded', 'failed', 'canceled'] as const

function toSpread(lengths: Lengths): StatsSpread | null {
  const { count, sumMs } = lengths
  if (count === 0) return null
  return { count, mean: seconds(sumMs / count), p50: seconds(lengths.within(0.5)), p95: seconds(lengths.within(0.95)) }
}

const seconds = (ms: number): number => Math.round(ms) / 1000
