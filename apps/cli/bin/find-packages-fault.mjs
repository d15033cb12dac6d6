/**
 * Says in one line what to do when packages are missing or not those of the lockfile. Called by millrace.mjs before all
 * that needs one, so it uses Node alone.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The program that is started, relative to the root. */
const PROGRAM = join('apps', 'cli')

/**
 * The line, or undefined when nothing is wrong. Where it cannot be told (no lockfile, or packages that something other
 * than npm has installed) nothing is.
 */
export function findPackagesFault(root) {
  const mend = (what) =>
    `${what}: run \`npm ${existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install'}\` in ${root}`
  const missing = firstMissing(join(root, PROGRAM))
  if (missing !== undefined) return mend(`Packages are missing (${missing} is the first)`)
  const wanted = packagesOf(join(root, 'package-lock.json'))
  // What npm notes of what it has installed.
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  const other = wanted && installed && firstOther(wanted, installed)
  return other && mend(`The installed packages are not those of package-lock.json (${other} is the first that differs)`)
}

/** The first package that a room of ours lists and that is not found from there; rooms that it lists are looked at too. */
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

/** As Node looks for it: upwards, so that packages of a folder above count too. */
function findPackage(folder, name) {
  const path = join(folder, 'node_modules', name)
  if (existsSync(join(path, 'package.json'))) return realpathSync(path)
  return dirname(folder) === folder ? undefined : findPackage(dirname(folder), name)
}

/** A workspace is linked: its real path lies in no folder of packages. */
const isOurs = (path) => !/[\\/]node_modules[\\/]/.test(path)

/** The first place whose package is another than the lockfile's, or is not there although every installation has it. */
function firstOther(wanted, installed) {
  const places = Object.keys(wanted).filter((place) => place.includes('node_modules/'))
  const other = places.find((place) => !fits(wanted[place], installed[place]))
  return other?.slice(other.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function fits(wanted, found) {
  // Left out for other systems, and by `npm ci --omit`.
  if (found === undefined) return Boolean(wanted.dev || wanted.optional || wanted.devOptional || wanted.peer)
  if (wanted.link) return found.resolved === wanted.resolved
  const hasHashes = wanted.integrity !== undefined && found.integrity !== undefined
  return found.version === wanted.version && (!hasHashes || found.integrity === wanted.integrity)
}

const packagesOf = (path) => readJson(path)?.packages

/** Undefined when there is none, or none that can be read: a lockfile in the midst of a merge is no fault of packages. */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
