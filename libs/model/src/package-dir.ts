/** Finds the folder of an installed package, for weights that come as a package. Called by authors of models. */
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * Absolute folder of a package as seen from a module (pass `import.meta.url`). It works also when the exports of the
 * package hide its package.json. Throws when the package is not installed.
 */
export function packageDir(name: string, from: string): string {
  const folders = createRequire(from).resolve.paths(name) ?? []
  const found = folders.map((folder) => join(folder, name)).find((dir) => existsSync(join(dir, 'package.json')))
  if (found === undefined) throw new Error(`the package ${name} is not installed; run npm install ${name}`)
  return realpathSync(found)
}
