/** Makes a copy of the code that a test may change or break. Called by tests of the start and of the images. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)))

export interface HouseCopy {
  readonly root: string
  /** The `millrace` program of the copy. */
  readonly program: string
  /** The folder of its translations. */
  readonly cache: string
  delete(): void
}

/** Copies the code of apps and libs to a new folder, with links to the installed packages. */
export function copyHouse(): HouseCopy {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-house-')))
  const packages = join(root, 'node_modules')
  const isOfPackages = (path: string) => path.includes('node_modules')
  for (const folder of ['apps', 'libs']) {
    cpSync(join(ROOT, folder), join(root, folder), { recursive: true, filter: (path) => !isOfPackages(path) })
    for (const room of readdirSync(join(ROOT, folder))) linkNested(join(folder, room), root)
  }
  cpSync(join(ROOT, 'package.json'), join(root, 'package.json'))
  mkdirSync(packages)
  for (const entry of readdirSync(join(ROOT, 'node_modules'), { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue
    if (entry.name.startsWith('@')) {
      mkdirSync(join(packages, entry.name))
      for (const name of readdirSync(join(ROOT, 'node_modules', entry.name))) link(root, join(entry.name, name))
    } else link(root, entry.name)
  }
  return {
    root,
    program: join(root, 'apps/cli/bin/millrace.mjs'),
    cache: join(packages, '.cache', 'millrace'),
    delete: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** The link of a workspace leads to the copy's own folder; the link of a package leads to where it is installed. */
function link(root: string, name: string): void {
  const path = join(ROOT, 'node_modules', name)
  const real = realpathSync(path)
  const isOurs = !relative(ROOT, real).startsWith('node_modules')
  const target = isOurs ? join(root, relative(ROOT, real)) : real
  symlinkSync(target, join(root, 'node_modules', name))
}

/** Links the packages that only one workspace has. */
function linkNested(room: string, root: string): void {
  const nested = join(ROOT, room, 'node_modules')
  try {
    readdirSync(nested)
  } catch {
    return
  }
  symlinkSync(nested, join(root, room, 'node_modules'))
}
