// The repository as the laws see it: files, manifests and rooms. Pure, so that a test can plant a violation in memory.

/** A path is relative to the root, with `/` between its parts. */
export interface TextFile {
  path: string
  source: string
}

export interface Manifest {
  /** Folder of the workspace; empty for the root. */
  folder: string
  name: string
  /** What its `exports` let others import, each beginning with `.`. */
  doors: string[]
  dependencies: string[]
  devDependencies: string[]
}

export interface House {
  files: TextFile[]
  manifests: Manifest[]
  /** Direct dependencies from outside, with the range of Node that each one asks for. */
  installed: { name: string; version: string; node: string }[]
}

/** A law returns one sentence per violation, naming the place and the way out; none when it is kept. */
export type Law = (house: House) => string[]

/** A place that a law lets be, and why. The paths are compared in whole, or by their start when they end with `/`. */
export interface Exception {
  path: string
  why: string
}

export const isExcepted = (exceptions: readonly Exception[], path: string): boolean =>
  exceptions.some((exception) =>
    exception.path.endsWith('/') ? path.startsWith(exception.path) : path === exception.path,
  )

/** Sources that are run: TypeScript and JavaScript. */
export const modulesOf = ({ files }: House): TextFile[] => files.filter(({ path }) => /\.(ts|mts|js|mjs)$/.test(path))

/** Tests, and what only tests load. */
export const isTest = (path: string): boolean =>
  path.startsWith('test/') || /\.(test|fixture|suite)\.(ts|mjs)$/.test(path)

/** The workspace that a path lies in; the root's manifest when in none. */
export function homeOf(house: House, path: string): Manifest {
  const inside = house.manifests
    .filter(({ folder }) => folder !== '' && path.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)
  return inside[0] ?? house.manifests.find(({ folder }) => folder === '') ?? nowhere
}

const nowhere: Manifest = { folder: '', name: '', doors: [], dependencies: [], devDependencies: [] }
