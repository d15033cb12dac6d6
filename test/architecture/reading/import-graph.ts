/** Which file of the repository imports which. Called by the laws about circles and arrows. */
import { posix } from 'node:path'
import { type House, modulesOf } from './house.ts'
import { packageOf, readModule } from './read-module.ts'

/** From each place to the places that it needs. */
export type Graph = Map<string, Set<string>>

const drawn = new WeakMap<House, Graph>()

/** Files that a module imports, by path or as the front door of one of our packages, types included. */
export function importGraph(house: House): Graph {
  const known = drawn.get(house)
  if (known) return known
  const paths = new Set(house.files.map(({ path }) => path))
  const doors = new Map(house.manifests.map(({ folder, name }) => [name, `${folder}/src/index.ts`]))
  const graph: Graph = new Map()
  for (const file of modulesOf(house)) {
    const targets = readModule(file)
      .imports.filter(({ kind }) => kind !== 'address')
      .map(({ specifier }) =>
        specifier.startsWith('.')
          ? posix.normalize(posix.join(posix.dirname(file.path), specifier))
          : (doors.get(packageOf(specifier) ?? '') ?? ''),
      )
    graph.set(file.path, new Set(targets.filter((target) => paths.has(target))))
  }
  drawn.set(house, graph)
  return graph
}
