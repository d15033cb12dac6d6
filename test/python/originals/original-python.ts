/** A Python that has originals installed, made once beside the fetched packages. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cache } from '../../support/packages/fetch-package.ts'

const run = promisify(execFile)
const INSTALL_MS = 90_000

/** Path of the interpreter. Rejects with pip's last line when it cannot be made. */
export async function originalPython(packages: string[]): Promise<string> {
  const home = join(cache, `python-${packages.join('-').replaceAll(/[^\w.-]+/g, '-')}`)
  const python = join(home, 'bin', 'python')
  const stamp = join(home, '.made')
  if (existsSync(stamp) && existsSync(python)) return python
  try {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(cache, { recursive: true })
    await run('python3', ['-m', 'venv', home], { timeout: INSTALL_MS })
    const pip = [
      ...'-m pip --quiet --disable-pip-version-check install --retries 1 --timeout 5 --prefer-binary'.split(' '),
      ...packages,
    ]
    await run(python, pip, { timeout: INSTALL_MS })
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    const said =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').at(-1) : String(error)
    throw new Error(`${packages.join(', ')} cannot be installed: ${said}`)
  }
  writeFileSync(stamp, '')
  return python
}
