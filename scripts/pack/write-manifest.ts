/** The package.json of a package that is published. Called by stage-program.ts and stage-library.ts. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LIBRARIES, PROGRAM, type PublishedPackage } from './published.ts'

export interface Manifest {
  name: string
  version: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  engines?: Record<string, string>
  repository?: unknown
}

export const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** Packages of one release fit each other, so they ask for each other's exact version. */
export const versionOf = (root: string): string => readManifest(join(root, PROGRAM.room)).version

/** True for a package of ours that has a tarball of its own. All others are put into the program. */
export const isPublished = (name: string): boolean => LIBRARIES.some((library) => library.name === name)

/** What each room lists, with its range; rooms of ours by the version of this release. */
export function dependenciesOf(root: string, rooms: readonly string[]): Record<string, string> {
  const listed = rooms.flatMap((room) => Object.entries(readManifest(join(root, room)).dependencies ?? {}))
  const kept = listed.filter(([name]) => !name.startsWith('@millrace/') || isPublished(name))
  const ranges = new Map<string, string>()
  for (const [name, range] of kept.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const wanted = isPublished(name) ? versionOf(root) : range
    const other = ranges.get(name)
    if (other !== undefined && other !== wanted) throw new Error(`${name} is wanted as ${other} and as ${wanted}`)
    ranges.set(name, wanted)
  }
  return Object.fromEntries(ranges)
}

/** Writes it into `folder`. `rest`: entries, dependencies and what else is the package's own. */
export function writeManifest(root: string, folder: string, about: PublishedPackage, rest: object): void {
  const { engines, repository } = readManifest(root)
  const manifest = {
    name: about.name,
    version: versionOf(root),
    description: about.description,
    license: 'Apache-2.0',
    // Whoever publishes names it in the package.json of the root: provenance is a statement about a repository.
    ...(repository !== undefined && { repository }),
    type: 'module',
    engines,
    ...rest,
    publishConfig: { access: 'public', provenance: true },
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
}
