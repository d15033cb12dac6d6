/**
 * No circle of imports, be it of files or of folders, types included: whatever is read first can be understood first.
 * Called by laws.test.ts and planted-violations.test.ts.
 */
import { folderOf, isTest, type Law } from '../reading/house.ts'
import { type Graph, importGraph } from '../reading/import-graph.ts'

/** No file knows itself by way of others. Tests too. */
export const circleLaw: Law = (house) => circlesOf(importGraph(house)).map(describeCircle)

/** No folder of a room knows itself by way of others. A file beside the folders stands for itself, like a folder. */
export const folderCircleLaw: Law = (house) => {
  const folders: Graph = new Map()
  for (const [path, targets] of importGraph(house)) {
    if (isTest(path)) continue
    const from = placeOf(path)
    for (const target of targets) {
      const to = placeOf(target)
      if (from !== to) folders.set(from, new Set([...(folders.get(from) ?? []), to]))
    }
  }
  return circlesOf(folders).map(describeCircle)
}

const describeCircle = (circle: string[]): string =>
  `${circle[0]} needs itself: ${[...circle, circle[0]!].join(' -> ')}; move what both need below both`

/** `libs/queue/src/jobs` of all that lies in or below it. */
export function placeOf(path: string): string {
  const inRoom = /^((?:apps|libs)\/[^/]+\/(?:src|bin))\/([^/]+)/.exec(path)
  return inRoom ? `${inRoom[1]}/${inRoom[2]}` : folderOf(path)
}

/** One short circle of each knot: places that all reach each other. */
function circlesOf(graph: Graph): string[][] {
  const found: string[][] = []
  const inKnot = new Set<string>()
  for (const start of [...graph.keys()].sort()) {
    if (inKnot.has(start)) continue
    const circle = wayBack(graph, start)
    if (circle === undefined) continue
    found.push(circle)
    const reached = reachedFrom(graph, start)
    for (const place of reached) if (reachedFrom(graph, place).has(start)) inKnot.add(place)
  }
  return found
}

/** The shortest way from a place to itself; undefined when there is none. */
function wayBack(graph: Graph, start: string): string[] | undefined {
  const ways: string[][] = [[start]]
  const seen = new Set<string>()
  for (const way of ways) {
    for (const next of graph.get(way.at(-1)!) ?? []) {
      if (next === start) return way
      if (seen.has(next)) continue
      seen.add(next)
      ways.push([...way, next])
    }
  }
  return undefined
}

function reachedFrom(graph: Graph, start: string): Set<string> {
  const reached = new Set<string>()
  const next = [start]
  for (const place of next) {
    for (const target of graph.get(place) ?? []) {
      if (!reached.has(target)) next.push(target)
      reached.add(target)
    }
  }
  return reached
}
