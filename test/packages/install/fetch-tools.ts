/**
 * Programs that come as packages of the registry: other versions of Node, other package managers. They are kept in the cache
 * of the clone. Called by packages-main.ts.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cleanEnvironment } from './clean-environment.ts'

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/millrace-tools/', import.meta.url))
const run = promisify(execFile)

/** Installs a package, such as `pnpm@~12.21.0`, unless it is there, and returns the path of a file in it. Rejects with what npm said. */
export async function fetchTool(wanted: string, file: string): Promise<string> {
  const folder = join(CACHE, wanted.replaceAll(/[^\w.-]/g, '_'))
  const path = join(folder, 'node_modules', file)
  if (existsSync(path)) return path
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=1', wanted]
  await run('npm', args, { cwd: folder, env: cleanEnvironment() })
  if (!existsSync(path)) throw new Error(`${wanted} has no ${file}`)
  return path
}

/** The folder with the program `node` of that range. */
export async function fetchNode(range: string): Promise<string> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  return dirname(await fetchTool(`${name}@${range}`, `${name}/bin/node`))
}
