/** The packages as `npm run pack` makes them, installed by npm in an empty folder. `npm run test:packages` tries all others. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { packPackages, type Tarball } from '../../scripts/pack/pack-packages.ts'
import { type Installed, installPackages, NoRegistryError } from './install/install-packages.ts'
import { PACKAGE_MANAGERS } from './install/package-managers.ts'
import { Trial } from './trial.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'millrace-tarballs-'))
let tarballs: Tarball[]
beforeAll(async () => {
  tarballs = await packPackages(ROOT, folder)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('each package', () => {
  it('weighs no more than its budget', () => {
    const weights = tarballs.map(({ name, size, unpackedSize, budgetKb, unpackedKb }) => ({
      name,
      fits: size <= budgetKb * 1024 && unpackedSize <= unpackedKb * 1024,
      weighs: `${Math.ceil(size / 1024)} of ${budgetKb} KB, ${Math.ceil(unpackedSize / 1024)} of ${unpackedKb} KB unpacked`,
    }))
    expect(weights.filter(({ fits }) => !fits)).toEqual([])
  })

  it('names no path of the clone, lists what it imports, and holds neither tests nor TypeScript', () => {
    for (const { name, path, files } of tarballs) {
      const unpacked = join(folder, name.replace('/', '-'))
      mkdirSync(unpacked)
      execFileSync('tar', ['xzf', path, '-C', unpacked])
      const base = join(unpacked, 'package')
      const texts = files.map((file) => [file.path, readFileSync(join(base, file.path), 'utf8')] as const)
      expect(texts.filter(([, text]) => text.includes(ROOT.replace(/\/$/, ''))).map(([at]) => at)).toEqual([])
      expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\.fixture\.|\.pyc$/.test(file.path))).toEqual([])
      const manifest = JSON.parse(readFileSync(join(base, 'package.json'), 'utf8')) as Record<string, object>
      expect(manifest).toMatchObject({ license: 'Apache-2.0', publishConfig: { access: 'public', provenance: true } })
      expect(readdirSync(base)).toEqual(expect.arrayContaining(['LICENSE', 'README.md']))
      const listed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
      const code = texts.filter(([at]) => at.startsWith('dist/')).map(([, text]) => text)
      expect([...new Set(code.flatMap(packagesIn))].filter((one) => !listed.includes(one)).sort()).toEqual([])
    }
  })
})

/** The packages that a module imports, by their names. */
function packagesIn(code: string): string[] {
  const found = code.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:from\s*)?["']([@\w][^"']*)["']|\bimport\(["']([@\w][^"']*)["']\)/g,
  )
  const names = [...found].map(([, a, b]) => a ?? b ?? '').filter((name) => !name.startsWith('node:'))
  return names.map((name) =>
    name
      .split('/')
      .slice(0, name.startsWith('@') ? 2 : 1)
      .join('/'),
  )
}

describe('installed by npm', () => {
  let installed: Installed | undefined
  let reason: string | undefined
  let trial: Trial
  beforeAll(async () => {
    installed = await installPackages(tarballs, { manager: PACKAGE_MANAGERS[0]! }).catch((error: unknown) => {
      if (!(error instanceof NoRegistryError)) throw error
      reason = `the registry of packages cannot be reached (${error.message})`
      return undefined
    })
    if (installed) trial = new Trial(installed)
  }, 240_000)
  beforeEach(({ skip }) => skip(!installed, reason))
  afterAll(async () => {
    await trial?.stop()
    installed?.delete()
  })

  it('serves a TypeScript and a Python model to the client, with hooks and pages', async () => {
    await trial.serveModels()
    await trial.askByClient()
    await trial.lookAtPages()
    await trial.stop()
  }, 120_000)

  it('runs a model in a folder where nothing is installed', () => trial.checkBareModel(), 60_000)

  it('has declarations that hold, by both ways to resolve them', () => trial.checkTypes(1), 60_000)

  it('is put into a page by a bundler, small and without a part of Node', () => trial.makePage(false))
})
