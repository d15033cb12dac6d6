/**
 * The PATH of the tests. Where python3 is a shim (pyenv, asdf), each start of it runs a shell first: 0.3 s of processor time in place
 * of 0.04, and the tests start hundreds. So the folder of the real one comes first. Called by vitest.config.ts.
 */
import { spawnSync } from 'node:child_process'
import { delimiter, dirname } from 'node:path'

const PROGRAM = 'import os, sys; print(sys.executable); print(os.environ["PATH"])'

/** What to change in the environment: nothing when there is no python3. */
export function pathWithPython(): { PATH?: string } {
  const { status, stdout } = spawnSync('python3', ['-c', PROGRAM], { encoding: 'utf8' })
  const [executable, path] = status === 0 ? stdout.split('\n') : []
  return executable && path ? { PATH: `${dirname(executable)}${delimiter}${path}` } : {}
}
