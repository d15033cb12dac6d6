/**
 * `npm run test:packages`: installs the packages with each package manager under each version of Node that people use, runs
 * models and client, and prints a table. Exit codes: 0 all of it works, 1 something does not, 2 it could not be tried.
 *
 *   npm run test:packages -- npm pnpm    only these package managers
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packPackages, type Tarball } from '../../scripts/pack/pack-packages.ts'
import { CHROMIUM, IN_CHROMIUM } from '../browser/open-browser.ts'
import { fetchNode } from './install/fetch-tools.ts'
import { installPackages, NoRegistryError } from './install/install-packages.ts'
import { PACKAGE_MANAGERS, type PackageManager } from './install/package-managers.ts'
import { Trial } from './trial.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** The oldest that is promised, and the newest of those that are maintained. */
const NODES = ['~20.19.0', '22', '24']

/** What is tried after the installation, in this order, by the head of its column. */
const STEPS: Readonly<Record<string, (trial: Trial) => Promise<void>>> = {
  models: (trial) => trial.serveModels(),
  client: (trial) => trial.askByClient(),
  pages: (trial) => trial.lookAtPages(),
  browser: (trial) => trial.makePage(CHROMIUM !== undefined),
  stop: (trial) => trial.stop(),
  bare: (trial) => trial.checkBareModel(),
  types: (trial) => trial.checkTypes(),
}
const HEADS = ['install', ...Object.keys(STEPS)]
const FAILED = 'FAILED'

interface Row {
  manager: string
  node: string
  /** Seconds that each step took, or FAILED. */
  steps: Record<string, string>
}

/** Resolves with the result of a step, or undefined when it failed. */
async function note<T>({ manager, node, steps }: Row, step: string, act: () => Promise<T>): Promise<T | undefined> {
  const began = performance.now()
  try {
    const result = await act()
    steps[step] = `${((performance.now() - began) / 1000).toFixed(1)} s`
    return result
  } catch (error) {
    if (error instanceof NoRegistryError) throw error
    steps[step] = FAILED
    console.error(`${manager} on Node ${node}, ${step}: ${(error as Error).message}`)
    return undefined
  }
}

async function tryOne(tarballs: readonly Tarball[], manager: PackageManager, node: string): Promise<Row> {
  const row: Row = { manager: manager.name, node, steps: {} }
  const nodeFolder = await fetchNode(node)
  const installed = await note(row, 'install', () => installPackages(tarballs, { manager, nodeFolder }))
  if (!installed) return row
  const trial = new Trial(installed)
  try {
    for (const [step, act] of Object.entries(STEPS)) {
      await note(row, step, () => act(trial))
      // The steps after it stand on it.
      if (row.steps[step] === FAILED) break
    }
  } finally {
    await trial.stop().catch(() => undefined)
    installed.delete()
  }
  return row
}

const print = (cells: readonly string[]): void => console.log(cells.map((cell) => cell.padEnd(10)).join(''))

async function main(names: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tarballs-'))
  try {
    const tarballs = await packPackages(ROOT, folder)
    for (const { name, version, size } of tarballs) console.log(`${name} ${version}: ${Math.ceil(size / 1024)} KB`)
    if (!Trial.hasPython) console.log('No model in Python is tried: there is no python3 on PATH.')
    if (!CHROMIUM) console.log(`No page is opened ${IN_CHROMIUM}.`)
    const managers = PACKAGE_MANAGERS.filter(({ name }) => names.length === 0 || names.includes(name))
    print(['manager', 'Node', ...HEADS])
    let code = 0
    for (const [manager, node] of managers.flatMap((one) => NODES.map((range) => [one, range] as const))) {
      const { steps } = await tryOne(tarballs, manager, node)
      print([manager.name, node, ...HEADS.map((head) => steps[head] ?? '–')])
      if (Object.values(steps).includes(FAILED)) code = 1
    }
    return code
  } catch (error) {
    if (!(error instanceof NoRegistryError)) throw error
    console.log(`Skipped: the registry of packages cannot be reached (${error.message}).`)
    return 2
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main(process.argv.slice(2))
