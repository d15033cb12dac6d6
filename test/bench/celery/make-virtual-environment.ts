/** A virtual environment of Python with the stack in it, made once in the system's temp folder and found again later. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
// Celery's Redis transport needs packaging without asking for it.
const PACKAGES = ['fastapi', 'uvicorn[standard]', 'celery[redis]', 'packaging']

/** Why there is none; `message` is for the table. */
export class NoPythonError extends Error {}

/** Its folder. Rejects with NoPythonError when there is no python3 with venv, or the packages can't be installed. */
export async function makeVirtualEnvironment(): Promise<string> {
  const name = createHash('sha256').update(PACKAGES.join(' ')).digest('hex').slice(0, 8)
  const folder = join(tmpdir(), `millrace-bench-python-${name}`)
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return folder
  rmSync(folder, { recursive: true, force: true })
  const options = { timeout: 300_000 }
  await run('python3', ['-m', 'venv', folder], options).catch((cause: unknown) => {
    throw new NoPythonError('there is no python3 with venv here', { cause })
  })
  await run(join(folder, 'bin', 'pip'), ['install', '--quiet', ...PACKAGES], options).catch((cause: unknown) => {
    throw new NoPythonError('pip could not install FastAPI, Celery and redis', { cause })
  })
  writeFileSync(complete, '')
  return folder
}

/** Versions of what was installed, for the head of the table. */
export async function pythonVersions(folder: string): Promise<Record<string, string>> {
  const { stdout } = await run(join(folder, 'bin', 'pip'), ['list', '--format', 'json'])
  const wanted = new Set(['fastapi', 'uvicorn', 'celery', 'redis', 'pydantic'])
  const all = JSON.parse(stdout) as { name: string; version: string }[]
  const python = await run(join(folder, 'bin', 'python'), ['--version'])
  const found = all.filter(({ name }) => wanted.has(name)).map(({ name, version }) => [name, version] as const)
  return Object.fromEntries([['Python', python.stdout.replace('Python', '').trim()] as const, ...found])
}
