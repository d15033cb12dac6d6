/** Installs the tarballs in an empty folder, as a project that uses Millrace would. Called by the tests of the packages. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Tarball } from '../../../scripts/pack/pack-packages.ts'
import { readManifest } from '../../../scripts/pack/write-manifest.ts'
import { cleanEnvironment } from './clean-environment.ts'
import { fetchTool } from './fetch-tools.ts'
import type { PackageManager } from './package-managers.ts'

const PROJECT = fileURLToPath(new URL('../project', import.meta.url))
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const ENDING = '.template'
/** What npm and others say when they cannot get at a registry. */
const NO_REGISTRY =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|EIDLETIMEOUT|ERR_SOCKET_TIMEOUT)\b/
const run = promisify(execFile)

/** There is no registry, so nothing can be said about the packages. */
export class NoRegistryError extends Error {}

export interface Installed {
  readonly folder: string
  readonly manager: PackageManager
  readonly env: Record<string, string>
  /** The program of Node. */
  readonly node: string
  /** Runs `millrace` as its user types it, and resolves with what it printed. Rejects when it fails. */
  millrace(...args: string[]): Promise<string>
  delete(): void
}

export interface InstallOptions {
  manager: PackageManager
  /** The folder of another Node. */
  nodeFolder?: string
}

/** Rejects with NoRegistryError where there is no registry. */
export async function installPackages(tarballs: readonly Tarball[], options: InstallOptions): Promise<Installed> {
  const { manager, nodeFolder } = options
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-installed-')))
  const env = cleanEnvironment(nodeFolder === undefined ? [] : [nodeFolder])
  const node = nodeFolder === undefined ? process.execPath : join(nodeFolder, 'node')
  const installed = {
    folder,
    manager,
    env,
    node,
    delete: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
  try {
    for (const name of readdirSync(PROJECT)) cpSync(join(PROJECT, name), join(folder, name.slice(0, -ENDING.length)))
    const manifest = manager.prepare(folder, tarballs, manifestOf(tarballs))
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2))
    const setting = async (name: string) =>
      (await run('npm', ['config', 'get', name], { env, cwd: folder })).stdout.trim()
    if (manager.env) {
      Object.assign(env, manager.env({ registry: await setting('registry'), cafile: await setting('cafile') }))
    }
    const [program = 'npm', ...first] = await commandOf(manager, node)
    const execute = (args: readonly string[]) =>
      run(program, [...first, ...args], { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })
    await execute(manager.install)
    return { ...installed, millrace: async (...args) => (await execute([...manager.exec, 'millrace', ...args])).stdout }
  } catch (error) {
    installed.delete()
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
    const said = [message, stdout, stderr].join('\n')
    if (NO_REGISTRY.test(said)) throw new NoRegistryError(NO_REGISTRY.exec(said)?.[0], { cause: error })
    throw new Error(`${manager.name} could not install: ${said.slice(-3000)}`, { cause: error })
  }
}

/** What such a project lists: the tarballs, and what its own code imports. */
function manifestOf(tarballs: readonly Tarball[]) {
  const { devDependencies = {} } = readManifest(ROOT)
  return {
    name: 'a-project',
    private: true,
    type: 'module',
    dependencies: {
      ...Object.fromEntries(tarballs.map(({ name, path }) => [name, `file:${path}`])),
      zod: devDependencies.zod,
    },
    devDependencies: { '@types/node': devDependencies['@types/node'] },
  }
}

async function commandOf({ package: wanted, program }: PackageManager, node: string): Promise<string[]> {
  if (wanted === undefined || program === undefined) return ['npm']
  const path = await fetchTool(wanted, program)
  return path.endsWith('.js') ? [node, path] : [path]
}
