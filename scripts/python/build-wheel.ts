/**
 * `npm run wheel [-- <python>]`: builds the wheel of the Python client into dist/. The Python must have flit_core, as that of the
 * tests has. Called by the tests of the client too.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Returns the path of the wheel. Throws with what the builder said. */
export function buildWheel(python: string, folder: string): string {
  mkdirSync(folder, { recursive: true })
  const cwd = join(ROOT, 'clients', 'python')
  execFileSync(python, ['-m', 'flit_core.wheel', '--outdir', folder], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) throw new Error(`flit_core made no wheel in ${folder}`)
  return join(folder, wheel)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const python = process.argv[2] ?? join(ROOT, 'test', 'python', '.venv', 'bin', 'python')
  console.log(buildWheel(python, join(ROOT, 'dist')))
}
