/**
 * Who serves a line: how many workers, how many jobs they can run at once, and whether somebody has paused all of it. Used by whoever
 * tells what waits for whom, and for how long.
 */
import type { Pauses } from '../ports/model-registry.ts'
import { isPinned, versionOfLine } from './lines-of.ts'
import { isPaused } from './pauses.ts'

export interface LineService {
  /** Live ones. */
  workers: number
  /** Jobs that they run at once, without those whose version is paused. */
  places: number
  /** The model is paused, or the version of every worker that serves the line. */
  paused: boolean
}

/**
 * `alive`: the workers of the line that were seen of late. `places`: what publish.lua keeps by worker, the hash `places` or those fields
 * of it; a worker of an older Millrace is not in it and counts as one place.
 */
export function toLineService(
  line: string,
  pauses: Pauses,
  alive: readonly string[],
  places: Readonly<Record<string, string | null | undefined>>,
): LineService {
  const known = alive.map((worker) => toPlaces(places[worker]))
  const isHeld = (version: string | undefined): boolean =>
    pauses.model !== null || (version !== undefined && isPaused(pauses, version))
  const open = known.filter(({ version }) => !isHeld(version))
  const pinned = isPinned(line) ? versionOfLine(line) : undefined
  return {
    workers: alive.length,
    places: open.reduce((sum, one) => sum + one.places, 0),
    paused: isHeld(pinned) || (known.length > 0 && open.length === 0),
  }
}

/** What a worker has told of its places. `busy`: which part of them was taken of late; a worker of an older Millrace does not tell it. */
export function toPlaces(text: string | null | undefined): {
  places: number
  version: string | undefined
  busy: number | undefined
} {
  const [places, line, busy] = text?.split(' ') ?? []
  return {
    places: Math.max(1, Number(places) || 1),
    version: line === undefined ? undefined : versionOfLine(line),
    busy: busy === undefined ? undefined : Math.min(1, Math.max(0, Number(busy) || 0)),
  }
}
