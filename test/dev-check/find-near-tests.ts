/** Which tests prove what has changed, those that say most of it first. Called by main.ts. */
import type { Graph } from '../architecture/reading/import-graph.ts'
import { isTestFile } from './need-graph.ts'

export interface NearTest {
  path: string
  /** Steps from the test to the nearest file that has changed; 0 for a test that has changed itself. */
  steps: number
}

/** All tests that need one of the files, by however many steps: the nearest first, and of those the ones most alike in name. */
export function findNearTests(graph: Graph, changed: readonly string[]): NearTest[] {
  const steps = stepsFrom(changed, usersOf(graph))
  const likeness = new Map([...steps.keys()].map((path) => [path, likenessOf(path, changed)]))
  return [...steps]
    .filter(([path]) => isTestFile(path))
    .map(([path, count]) => ({ path, steps: count }))
    .sort((a, b) => a.steps - b.steps || likeness.get(b.path)! - likeness.get(a.path)! || (a.path < b.path ? -1 : 1))
}

/** The same arrows, drawn the other way. */
function usersOf(graph: Graph): Map<string, string[]> {
  const users = new Map<string, string[]>()
  for (const [path, needed] of graph) {
    for (const target of needed) {
      const known = users.get(target)
      if (known) known.push(path)
      else users.set(target, [path])
    }
  }
  return users
}

function stepsFrom(changed: readonly string[], users: Map<string, string[]>): Map<string, number> {
  const steps = new Map(changed.map((path) => [path, 0]))
  // It grows while it is walked through.
  const line = [...changed]
  for (const path of line) {
    for (const user of users.get(path) ?? []) {
      if (steps.has(user)) continue
      steps.set(user, steps.get(path)! + 1)
      line.push(user)
    }
  }
  return steps
}

/** How many words the path has in common with the changed one that is most like it. */
function likenessOf(path: string, changed: readonly string[]): number {
  const words = wordsOf(path)
  return Math.max(...changed.map((one) => [...wordsOf(one)].filter((word) => words.has(word)).length))
}

const wordsOf = (path: string): Set<string> => new Set(path.toLowerCase().split(/[^a-z0-9]+/))
