/**
 * A Python with one client of another platform, as the package index has it: made once, in a folder that git ignores. Each client has a
 * file of requirements, so that two versions of one can be tried. Called by the tests of dialects.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeEnvironment } from '../../python/make-environment.ts'
import { hasTestPython, NO_TEST_PYTHON, testPython } from '../../python/test-python.ts'

const run = promisify(execFile)
const requirementsOf = (client: string) => fileURLToPath(new URL(`../requirements/${client}.txt`, import.meta.url))
const cache = fileURLToPath(new URL('../../../node_modules/.cache/millrace-clients', import.meta.url))

/** The interpreter, for a file of requirements. Rejects with the reason when there can be none. */
export async function clientPython(client: string): Promise<string> {
  if (!hasTestPython) throw new Error(NO_TEST_PYTHON)
  const requirements = requirementsOf(client)
  const about = 'import sys; print("%d.%d" % sys.version_info[:2])'
  const { stdout } = await run(testPython, ['-c', about])
  const stamp = createHash('sha256').update(stdout).update(readFileSync(requirements)).digest('hex').slice(0, 16)
  const home = join(cache, `${client}-${stamp}`)
  return makeEnvironment(home, { requirements, what: 'the Python client' })
}

/** What a program of a test said of its calls, one line of JSON each; see calls.py. */
export interface CallReport {
  call: string
  /** Absent: it is what it should be. */
  error?: string
}

/** Runs a program with a client. Rejects when it breaks off. */
export async function runCalls(python: string, program: string, env: Record<string, string>): Promise<CallReport[]> {
  const path = fileURLToPath(new URL('.', import.meta.url))
  const { stdout } = await run(python, [program], {
    env: { PATH: process.env.PATH, PYTHONPATH: path, ...env },
    maxBuffer: 4 * 1024 * 1024,
    timeout: 60_000,
  })
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{"call"'))
    .map((line) => JSON.parse(line) as CallReport)
}
