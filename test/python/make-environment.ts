/**
 * A Python environment with pinned packages of the package index, in a folder that git ignores. Called by tests that need a Python program
 * of others, each time with a folder that the requirements name: what is there is whole.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { testPython } from './test-python.ts'

const run = promisify(execFile)
const FETCH_MS = 150_000
const QUIET = ['--quiet', '--disable-pip-version-check', '--no-deps', '--retries', '0', '--timeout', '10']

interface Wanted {
  /** The path of a requirements file that names each package. */
  requirements: string
  /** More options of pip. */
  options?: readonly string[]
  /** What the error says could not be fetched. */
  what: string
}

/** The interpreter of the environment in `home`, which is made if it is not there. Rejects with the reason when it cannot be. */
export async function makeEnvironment(home: string, { requirements, options = [], what }: Wanted): Promise<string> {
  const python = join(home, 'bin', 'python')
  if (existsSync(python)) return python
  const making = `${home}.${process.pid}`
  try {
    mkdirSync(dirname(home), { recursive: true })
    await run(testPython, ['-m', 'venv', '--without-pip', making])
    const into = ['-m', 'pip', '--python', join(making, 'bin', 'python'), 'install', ...QUIET, ...options]
    await run(testPython, [...into, '-r', requirements], { timeout: FETCH_MS })
    renameSync(making, home)
    return python
  } catch (error) {
    // Somebody else may have been quicker.
    if (existsSync(home)) return python
    const said =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : String(error)
    throw new Error(`${what} cannot be fetched: ${said}`)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
}
