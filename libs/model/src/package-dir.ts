/** Finds the folder of an installed package: for weights that arrive as one. */
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Absolute folder of a package as seen from a module (`import.meta.url`), also when the package's exports hide its
 * package.json. Throws when it is not installed.
 */
export function packageDir(name: string, from: string): string {
  const folders = createRequire(from).resolve.paths(name) ?? []
  const found = folders.map((folder) => join(folder, name)).find((dir) => existsSync(join(dir, 'package.json')))
  if (found === undefined) throw new Error(`the package ${name} is not installed; run npm install ${name}`)
  return realpathSync(found)
}
