/** Checks that the data folder can be written to and has room. Called by run-checks.ts. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fail, type Finding, ok, warn } from './finding.ts'

const GIB = 1024 ** 3
const LITTLE = GIB
const TOO_LITTLE = GIB / 10

/** A folder that does not exist yet is fine when it could be made. It is not made here. */
export async function checkDataFolder(folder: string): Promise<Finding> {
  const place = nearestExisting(folder)
  const fault = await whyUnwritable(place)
  if (fault) {
    return fail(
      'data folder',
      `${folder} cannot be written to: ${fault}.`,
      'Set MILLRACE_DATA_DIR to a folder that this user may write to, or change its owner.',
    )
  }
  const { bavail, bsize } = await statfs(place)
  const free = bavail * bsize
  const room = `${(free / GIB).toFixed(1)} GiB`
  const mend = 'Free some, or set MILLRACE_DATA_DIR to a larger disk.'
  if (free < TOO_LITTLE) return fail('data folder', `The disk of ${folder} is full: ${room} are free.`, mend)
  if (free < LITTLE) return warn('data folder', `The disk of ${folder} is nearly full: ${room} are free.`, mend)
  return ok('data folder', `${folder} ${place === folder ? 'can be written to' : 'can be made'}; ${room} are free.`)
}

function nearestExisting(folder: string): string {
  let place = folder
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  return place
}

/**
 * Undefined when a file can be made in the folder. Else the error code of the system, or words that say that it is no
 * folder.
 */
export async function whyUnwritable(folder: string): Promise<string | undefined> {
  if (!(await stat(folder)).isDirectory()) return `${folder} is not a folder`
  const probe = join(folder, `.millrace-doctor-${randomUUID()}`)
  try {
    await writeFile(probe, 'probe', { flag: 'wx' })
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
}
