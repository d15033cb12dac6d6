// Reads this repository as plain data, so that the laws can be pure functions over it. Called by laws.test.ts.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { House, Manifest, TextFile } from './house.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What is made on the spot and is no part of the repository. */
const NOT_OURS = new Set(['.git', 'node_modules', '.millrace', '.venv', '__pycache__', 'coverage', 'dist'])
const TEXT = /\.([mc]?[tj]s|[tj]sx|json|md|lua|py|ya?ml|html|css|txt|sh)$|^(Dockerfile|LICENSE|run|\.[a-z]+[a-z.]*)$/

/** Every text file, with the manifest of every workspace and of everything a workspace depends on directly. */
export function readHouse(): House {
  const [texts, otherPaths] = divide(filesBelow(''), (path) => TEXT.test(path.split('/').at(-1)!))
  const files = texts.map((path) => ({ path, source: readFileSync(join(ROOT, path), 'utf8') }))
  const manifests = files.filter(({ path }) => /(^|\/)package\.json$/.test(path)).map(manifestOf)
  return { files, manifests, otherPaths, installed: installedBy(manifests) }
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (NOT_OURS.has(entry.name)) return []
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}

function divide(paths: string[], isFirst: (path: string) => boolean): [string[], string[]] {
  return [paths.filter(isFirst), paths.filter((path) => !isFirst(path))]
}

interface PackageJson {
  name?: string
  version?: string
  exports?: Record<string, unknown>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  engines?: { node?: string }
}

function manifestOf({ path, source }: TextFile): Manifest {
  const {
    name = '',
    exports = {},
    dependencies = {},
    devDependencies = {},
    peerDependencies = {},
  } = JSON.parse(source) as PackageJson
  return {
    folder: path.replace(/\/?package\.json$/, ''),
    name,
    doors: Object.keys(exports),
    dependencies: Object.keys({ ...dependencies, ...peerDependencies }),
    devDependencies: Object.keys(devDependencies),
  }
}

/** A model with packages of its own, which somebody has not installed: they are large. */
const isLeftOut = (folder: string): boolean =>
  existsSync(join(ROOT, folder, 'package-lock.json')) && !existsSync(join(ROOT, folder, 'node_modules'))

function installedBy(manifests: Manifest[]): House['installed'] {
  const ours = new Set(manifests.map(({ name }) => name))
  return manifests.flatMap(({ folder, dependencies, devDependencies }) =>
    (isLeftOut(folder) ? [] : [...dependencies, ...devDependencies])
      .filter((name) => !ours.has(name))
      .map((name) => {
        const places = [join(ROOT, folder, 'node_modules', name), join(ROOT, 'node_modules', name)]
        const place = places.find((path) => existsSync(join(path, 'package.json')))
        if (place === undefined) throw new Error(`${name}, which ${folder || 'the root'} lists, is not installed`)
        const { version = '', engines } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as PackageJson
        return { name, version, node: engines?.node ?? '*' }
      }),
  )
}
