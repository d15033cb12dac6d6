/**
 * Virtual environments of Python with a stack in each, made once in the system's temp folder and found again later. Called by
 * the row about Celery and by the comparison with peers.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Why there is none; `message` is for the table. */
export class NoPythonError extends Error {}

/** Its folder. Rejects with NoPythonError when there is no python3 with venv, or the packages can't be installed. */
export async function makeVirtualEnvironment(packages: readonly string[]): Promise<string> {
  const name = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 8)
  const folder = join(tmpdir(), `millrace-bench-python-${name}`)
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return folder
  rmSync(folder, { recursive: true, force: true })
  const options = { timeout: 600_000 }
  await run('python3', ['-m', 'venv', folder], options).catch((cause: unknown) => {
    throw new NoPythonError('there is no python3 with venv here', { cause })
  })
  await run(join(folder, 'bin', 'pip'), ['install', '--quiet', ...packages], options).catch((cause: unknown) => {
    throw new NoPythonError(`pip could not install ${packages.join(', ')}`, { cause })
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

/** Version and licence of one package that was installed, as its authors declare them. */
export async function describePackage(folder: string, name: string): Promise<{ version: string; licence: string }> {
  const program = [
    'import sys, json, importlib.metadata as m',
    'd = m.metadata(sys.argv[1])',
    'c = [x.split(" :: ")[-1] for x in d.get_all("Classifier") or [] if x.startswith("License ::")]',
    'said = (d.get("License-Expression") or "; ".join(c) or d.get("License") or "").strip().split("\\n")[0]',
    'print(json.dumps({"version": d["Version"], "licence": said or "licence not said"}))',
  ]
  const { stdout } = await run(join(folder, 'bin', 'python'), ['-c', program.join('\n'), name])
  return JSON.parse(stdout) as { version: string; licence: string }
}
