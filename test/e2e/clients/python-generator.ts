/**
 * The Python that generates clients from OpenAPI documents, as the package index has it: made once, in a folder that git ignores.
 * Called by generated-clients.test.ts.
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
const requirements = fileURLToPath(new URL('./requirements.txt', import.meta.url))
const cache = fileURLToPath(new URL('../../../node_modules/.cache/millrace-generators', import.meta.url))

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
  return makeEnvironment(home, { requirements, options: ['--no-compile'], what: 'openapi-python-client' })
}
