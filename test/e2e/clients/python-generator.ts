/**
 * The Python that generates clients from OpenAPI documents, as the package index has it: made once, in a folder that git ignores.
 * Called by generated-clients.test.ts.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { hasTestPython, NO_TEST_PYTHON, testPython } from '../../python/test-python.ts'

const run = promisify(execFile)
const requirements = fileURLToPath(new URL('./requirements.txt', import.meta.url))
const cache = fileURLToPath(new URL('../../../node_modules/.cache/millrace-generators', import.meta.url))
const FETCH_MS = 150_000

/** The interpreter. Rejects with the reason when there can be none. */
export async function pythonGenerator(): Promise<string> {
  if (!hasTestPython) throw new Error(NO_TEST_PYTHON)
  const { stdout } = await run(testPython, [
    '-c',
    'import sys; print("%d.%d" % sys.version_info[:2], sys.version_info >= (3, 11))',
  ])
  const [version, isNew] = stdout.trim().split(' ')
  if (isNew !== 'True') throw new Error(`the clients that it generates need Python 3.11, and this is ${version}`)
  const stamp = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16)
  const home = join(cache, `${version}-${stamp}`)
  const python = join(home, 'bin', 'python')
  if (!existsSync(python)) await make(home)
  return python
}

async function make(home: string): Promise<void> {
  const making = `${home}.${process.pid}`
  const quiet = [
    '--quiet',
    '--disable-pip-version-check',
    '--no-compile',
    '--no-deps',
    '--retries',
    '0',
    '--timeout',
    '10',
  ]
  try {
    mkdirSync(cache, { recursive: true })
    await run(testPython, ['-m', 'venv', '--without-pip', making])
    const into = ['-m', 'pip', '--python', join(making, 'bin', 'python'), 'install', ...quiet, '-r', requirements]
    await run(testPython, into, { timeout: FETCH_MS })
    renameSync(making, home)
  } catch (error) {
    // Somebody else may have been quicker.
    if (existsSync(home)) return
    const said =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : String(error)
    throw new Error(`openapi-python-client cannot be fetched: ${said}`)
  } finally {
    rmSync(making, { recursive: true, force: true })
  }
}
