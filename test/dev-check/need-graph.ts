/**
 * Which file needs which, beyond imports: what a module names by an address beside itself (a program it starts, a folder
 * it reads), and what only a person knows. Called by find-near-tests.ts.
 */
import { posix } from 'node:path'
import { type House, modulesOf } from '../architecture/reading/house.ts'
import { type Graph, importGraph } from '../architecture/reading/import-graph.ts'
import { readModule } from '../architecture/reading/read-module.ts'
import { KIN } from './kin.ts'

/** From each file to the files that it needs at once. */
export function needGraph(house: House): Graph {
  const paths = [...house.files.map(({ path }) => path), ...house.otherPaths]
  const below = filesByFolder(paths)
  const known = new Set(paths)
  const graph: Graph = new Map()
  for (const [path, imports] of importGraph(house)) graph.set(path, new Set(imports))
  for (const file of modulesOf(house)) {
    for (const { specifier, kind } of readModule(file).imports) {
      if (kind !== 'address') continue
      const target = posix.join(posix.dirname(file.path), specifier).replace(/\/$/, '')
      const found = known.has(target) ? [target] : (below.get(target) ?? [])
      for (const needed of found) graph.get(file.path)!.add(needed)
    }
  }
  for (const { files, tests } of KIN) {
    for (const test of [...graph.keys()].filter((path) => isTestFile(path) && tests.test(path))) {
      for (const path of paths.filter((one) => files.test(one))) graph.get(test)!.add(path)
    }
  }
  return graph
}

/** What vitest runs. */
export const isTestFile = (path: string): boolean => /\.test\.(ts|mjs)$/.test(path)

/** The root is no folder here: whoever names it means a copy of the whole, which says nothing of any one file. */
function filesByFolder(paths: string[]): Map<string, string[]> {
  const below = new Map<string, string[]>()
  for (const path of paths) {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) {
      const files = below.get(folder) ?? []
      files.push(path)
      below.set(folder, files)
    }
  }
  return below
}
