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
  /** Names of all else that lies there, such as images. */
  otherPaths: string[]
  /** Direct dependencies from outside, with the range of Node that each one asks for. */
  installed: { name: string; version: string; node: string }[]
}

/** A law returns one sentence per violation, naming the place and the way out; none when it is kept. */
export type Law = (house: House) => string[]

/** A place that the rule of a law leaves out, and why. The paths are compared in whole, or by their start when they end with `/`. */
export interface Exception {
  path: string
  why: string
}

export const isExcepted = (exceptions: readonly Exception[], path: string): boolean =>
  exceptions.some((exception) =>
    exception.path.endsWith('/') ? `${path}/`.startsWith(exception.path) : path === exception.path,
  )

/** A source that is run: TypeScript or JavaScript. */
export const isModule = ({ path }: TextFile): boolean => /\.([mc]?[tj]s|[tj]sx)$/.test(path)

export const modulesOf = ({ files }: House): TextFile[] => files.filter(isModule)

/** Tests, and what only tests load. */
export const isTest = (path: string): boolean => path.startsWith('test/') || isTestName(path)

/** Whether a name says that the file is for tests. */
export const isTestName = (path: string): boolean => /\.(test|fixture|suite)\.[a-z]+$/.test(path)

/** Folder of a path; empty for what lies in the root. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** Name of a file in its folder. */
export const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The workspace that a path lies in; the root's manifest when in none. */
export function homeOf(house: House, path: string): Manifest {
  const inside = house.manifests
    .filter(({ folder }) => folder !== '' && path.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)
  return inside[0] ?? house.manifests.find(({ folder }) => folder === '') ?? nowhere
}

const nowhere: Manifest = { folder: '', name: '', doors: [], dependencies: [], devDependencies: [] }
