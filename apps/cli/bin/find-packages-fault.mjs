/**
 * Says in one line what to do when packages are missing or differ from the lockfile. Called by millrace.mjs before anything
 * that needs a package, so it uses Node alone.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The program that is started, relative to the root. */
const PROGRAM = join('apps', 'cli')

/**
 * Returns the line, or undefined when nothing is wrong. Also undefined when it cannot know: without a lockfile, or when
 * something other than npm has installed the packages.
 */
export function findPackagesFault(root) {
  const mend = (what) =>
    `${what}: run \`npm ${existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install'}\` in ${root}`
  const missing = firstMissing(join(root, PROGRAM))
  if (missing !== undefined) return mend(`Packages are missing (${missing} is the first)`)
  const wanted = packagesOf(join(root, 'package-lock.json'))
  // npm's own note of what it has installed.
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  const other = wanted && installed && firstOther(wanted, installed)
  return other && mend(`The installed packages are not those of package-lock.json (${other} is the first that differs)`)
}

/**
 * The first package that one of our packages lists and that Node would not find from there. It also looks through those of
 * our packages that it lists.
 */
function firstMissing(start) {
  const rooms = [start]
  for (const room of rooms) {
    const { dependencies = {} } = readJson(join(room, 'package.json')) ?? {}
    for (const name of Object.keys(dependencies)) {
      const found = findPackage(room, name)
      if (found === undefined) return name
      if (isOurs(found) && !rooms.includes(found)) rooms.push(found)
    }
  }
  return undefined
}

/** Searches upwards as Node does, so packages of a parent folder count too. */
function findPackage(folder, name) {
  const path = join(folder, 'node_modules', name)
  if (existsSync(join(path, 'package.json'))) return realpathSync(path)
  return dirname(folder) === folder ? undefined : findPackage(dirname(folder), name)
}

/** A workspace is a link to its source, so its real path is not inside node_modules. */
const isOurs = (path) => !/[\\/]node_modules[\\/]/.test(path)

/** The first package that differs from the lockfile, or that is missing although every installation must have it. */
function firstOther(wanted, installed) {
  const places = Object.keys(wanted).filter((place) => place.includes('node_modules/'))
  const other = places.find((place) => !fits(wanted[place], installed[place]))
  return other?.slice(other.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function fits(wanted, found) {
  // A package may be left out on other systems, or by `npm ci --omit`.
  if (found === undefined) return Boolean(wanted.dev || wanted.optional || wanted.devOptional || wanted.peer)
  if (wanted.link) return found.resolved === wanted.resolved
  const hasHashes = wanted.integrity !== undefined && found.integrity !== undefined
  return found.version === wanted.version && (!hasHashes || found.integrity === wanted.integrity)
}

const packagesOf = (path) => readJson(path)?.packages

/**
 * Undefined when the file is missing or cannot be read. A lockfile in the middle of a merge does not mean that packages are
 * wrong.
 */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
