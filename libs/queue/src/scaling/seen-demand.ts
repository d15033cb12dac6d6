/** What `shares/demand` has seen of a model, in words of versions and lines. Read by plan-pools.ts. */
import { toPlaces } from '../models/line-service.ts'
import { isPinned, versionOfLine } from '../models/lines-of.ts'
import type { ScriptReply } from '../scripts/define-scripts.ts'
import { RunTimes } from '../waiting/run-times.ts'
import type { LineDemand } from './places-needed.ts'
import type { KnownVersion } from './pool-of-line.ts'

export type DemandReply = ScriptReply<'shares/demand'>

export interface SeenVersion extends KnownVersion {
  slots: number
  busySlots: number
  /** Undefined: no worker has told it. */
  slotsEach: number | undefined
  loadMs: number | undefined
}

export interface SeenLine {
  line: string
  /** Jobs whose time has come. */
  waiting: number
  sinceMs: number
  bounded: LineDemand['bounded']
  runs: RunTimes
  /** When the next ones are due whose time has not come. */
  dueMs: readonly number[]
}

/** The newest first; those that only have workers come after them. */
export function seenVersions(seen: DemandReply): SeenVersion[] {
  const told = seen.places.map(toPlaces)
  const untold = told.reduce((sum, { places, busy }) => sum + (busy === undefined ? places : 0), 0)
  const busyTold = told.reduce((sum, { places, busy = 0 }) => sum + places * busy, 0)
  // Of workers that do not tell it, it is taken that jobs run wherever they can.
  const busyUntold = untold === 0 ? 0 : Math.min(1, Math.max(0, seen.running - busyTold) / untold)
  return seen.versions.map(({ version, workers, served }) => {
    const own = told.filter((one) => one.version === version)
    // Where there are more workers than are looked at, the others are like these.
    const each = own.length === 0 ? 0 : workers / own.length
    const slots = each * own.reduce((sum, { places }) => sum + places, 0)
    const busySlots = each * own.reduce((sum, { places, busy = busyUntold }) => sum + places * busy, 0)
    const [places, load, ...lines] = served === '' ? [] : served.split(' ')
    const known = Number(places) > 0 ? Number(places) : undefined
    return {
      ...{ version, workers, lines, slots: Math.round(slots), busySlots },
      slotsEach: own.length > 0 ? slots / workers : known,
      loadMs: load === undefined || load === '-' ? undefined : Number(load),
    }
  })
}

export function seenLines(seen: DemandReply): SeenLine[] {
  const due = new Map<string, number[]>()
  for (const { line, dueMs } of seen.soon) due.set(line, [...(due.get(line) ?? []), dueMs])
  // Of those that were not looked at it is taken that they are spread as these are.
  const each = seen.soon.length === 0 ? 0 : seen.scheduled / seen.soon.length
  return seen.rows.map(({ line, queued, sinceMs, bounded, runs }) => {
    const dueMs = due.get(line) ?? []
    return {
      ...{ line, sinceMs, dueMs, runs: RunTimes.of(runs), bounded: toPairs(bounded) },
      waiting: Math.max(0, queued - Math.round(each * dueMs.length)),
    }
  })
}

/** Whether workers of that version are given jobs of the line. */
export const serves = ({ version, lines }: KnownVersion, line: string): boolean =>
  isPinned(line) ? versionOfLine(line) === version : lines.includes(line)

/** How long a run takes on average, over all that is known of these lines. Undefined: nothing is. Milliseconds. */
export function meanRunMs(lines: readonly SeenLine[]): number | undefined {
  const known = lines.filter(({ runs }) => runs.known > 0)
  const count = known.reduce((sum, { runs }) => sum + runs.known, 0)
  return count === 0 ? undefined : known.reduce((sum, { runs }) => sum + runs.known * runs.mean, 0) / count
}

const toPairs = (flat: readonly number[]): (readonly [number, number])[] =>
  Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] as number, flat[2 * i + 1] as number] as const)
