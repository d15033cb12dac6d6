/**
 * The PATH of the tests. Where python3 is a shim (pyenv, asdf), each start of it runs a shell first: 0.3 s of processor time in place
 * of 0.04, and the tests start hundreds. So the folder of the real one comes first. Called by vitest.config.ts.
 */
import { spawnSync } from 'node:child_process'
import { delimiter, dirname } from 'node:path'

/** The same when there is no python3. */
export function pathWithPython(path: string): string {
  const { status, stdout } = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' })
  return status === 0 ? `${dirname(stdout.trim())}${delimiter}${path}` : path
}
