import { execFile, execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { copyHouse, type HouseCopy } from '../../../test/support/processes/copy-house.ts'
import { EXIT } from '../src/command/exit-codes.ts'
import { FAULTS } from '../src/command/faults.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

/** A plain JavaScript module. It has no types. */
const MODULE: string = './find-packages-fault.mjs'
const { findPackagesFault } = (await import(MODULE)) as { findPackagesFault(root: string): string | undefined }

interface Lock {
  packages: Record<string, Record<string, unknown>>
}

const write = (path: string, value: unknown): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
}
const change = (path: string, edit: (lock: Lock) => void): void => {
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock
  edit(lock)
  write(path, lock)
}

describe('the millrace program', () => {
  let house: HouseCopy
  const version = (): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      execFile(process.execPath, [house.program, 'version'], { env: { PATH: process.env.PATH } }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      )
    })

  beforeAll(() => {
    house = copyHouse()
    for (const name of ['package-lock.json', 'node_modules/.package-lock.json']) {
      cpSync(join(import.meta.dirname, '../../..', name), join(house.root, name))
    }
  })
  afterAll(() => house.delete())

  it('says in one line what to do when there are no packages, and makes no folder for them', async () => {
    renameSync(join(house.root, 'node_modules'), join(house.root, 'taken away'))
    const { code, out, err } = await version()
    expect(err).toMatch(/^Packages are missing \(.+\): run `npm ci` in .+\n$/)
    expect(err).toContain(house.root)
    expect([code, out]).toEqual([EXIT[FAULTS.packages_missing.exit], ''])
    expect(existsSync(join(house.root, 'node_modules'))).toBe(false)
    renameSync(join(house.root, 'taken away'), join(house.root, 'node_modules'))
  })

  it('says so in one line too when the lockfile names another package than what is installed, until it is', async () => {
    expect(await version()).toMatchObject({ code: 0, err: '' })
    const lockfile = join(house.root, 'package-lock.json')
    const before = readFileSync(lockfile, 'utf8')
    change(lockfile, ({ packages }) => (packages['node_modules/hono']!.version = '99.0.0'))
    const { code, out, err } = await version()
    expect(err).toMatch(
      /^The installed packages are not those of package-lock\.json \(hono .+\): run `npm ci` in .+\n$/,
    )
    expect([code, out]).toEqual([EXIT[FAULTS.packages_missing.exit], ''])
    write(lockfile, before)
    expect(await version()).toMatchObject({ code: 0, err: '' })
  })
})

describe('an installation that npm has made', () => {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-packages-')))
  let root: string
  const npm = (folder: string, ...args: string[]): void => {
    const quietly = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--silent']
    // The npm that runs this test, if there is one. It may not be on PATH.
    const { npm_execpath: cli } = process.env
    const [program, ...first] = cli?.endsWith('.js') ? [process.execPath, cli] : ['npm']
    execFileSync(program!, [...first, ...args, ...quietly], { cwd: folder })
  }

  beforeAll(() => {
    // npm installs these packages from files, so no registry is asked.
    const sources = { tool: {}, used: {}, elsewhere: { os: ['none'] } }
    for (const [name, more] of Object.entries(sources)) {
      write(join(made, 'sources', name, 'package.json'), { name, version: '1.0.0', ...more })
    }
    npm(made, 'pack', ...Object.keys(sources).map((name) => `./sources/${name}`))
    const at = (name: string) => ({ [name]: `file:${join(made, `${name}-1.0.0.tgz`)}` })
    write(join(made, 'house/package.json'), {
      ...{ name: 'house', private: true, workspaces: ['apps/*', 'libs/*'] },
      ...{ devDependencies: at('tool'), optionalDependencies: at('elsewhere') },
    })
    const room = (name: string, dependencies: object) => ({ name, version: '1.0.0', dependencies })
    write(join(made, 'house/apps/cli/package.json'), room('program', { own: '*' }))
    write(join(made, 'house/libs/own/package.json'), room('own', at('used')))
    npm(join(made, 'house'), 'install')
  })
  afterAll(() => rmSync(made, { recursive: true, force: true }))

  beforeEach(() => {
    root = mkdtempSync(join(made, 'copy-'))
    cpSync(join(made, 'house'), root, { recursive: true, verbatimSymlinks: true })
  })

  it('is whole with all packages, without those for development, and without those for other systems', () => {
    expect(findPackagesFault(root)).toBeUndefined()
    npm(root, 'ci', '--omit=dev')
    expect(existsSync(join(root, 'node_modules/tool'))).toBe(false)
    expect(existsSync(join(root, 'node_modules/elsewhere'))).toBe(false)
    expect(findPackagesFault(root)).toBeUndefined()
  })

  it('is not whole when the lockfile has moved on: another version, another hash, one more package, one more room', () => {
    const lockfile = join(root, 'package-lock.json')
    const before = readFileSync(lockfile, 'utf8')
    const edits: ((lock: Lock) => void)[] = [
      ({ packages }) => (packages['node_modules/used']!.version = '1.0.1'),
      ({ packages }) => (packages['node_modules/used']!.integrity = 'sha512-other'),
      ({ packages }) => (packages['node_modules/used/node_modules/used']! = { version: '2.0.0' }),
      ({ packages }) => (packages['node_modules/used']! = { resolved: 'libs/used', link: true }),
    ]
    for (const edit of edits) {
      change(lockfile, edit)
      expect(findPackagesFault(root)).toMatch(/^The installed packages are not those of package-lock\.json \(used /)
      write(lockfile, before)
      expect(findPackagesFault(root)).toBeUndefined()
    }
    change(lockfile, ({ packages }) => (packages['node_modules/tool']!.version = '1.0.1'))
    expect(findPackagesFault(root)).toContain('(tool ')
  })

  it('is not whole when a package that a room of ours lists is gone', () => {
    rmSync(join(root, 'node_modules/used'), { recursive: true })
    expect(findPackagesFault(root)).toBe(`Packages are missing (used is the first): run \`npm ci\` in ${root}`)
    rmSync(join(root, 'package-lock.json'))
    expect(findPackagesFault(root)).toBe(`Packages are missing (used is the first): run \`npm install\` in ${root}`)
  })

  it('is taken as it is when there is no lockfile, one in the midst of a merge, or packages of another tool', () => {
    const lockfile = join(root, 'package-lock.json')
    change(lockfile, ({ packages }) => (packages['node_modules/used']!.version = '1.0.1'))
    rmSync(join(root, 'node_modules/.package-lock.json'))
    expect(findPackagesFault(root)).toBeUndefined()
    npm(root, 'install')
    write(lockfile, '<<<<<<< ours\n')
    expect(findPackagesFault(root)).toBeUndefined()
    rmSync(lockfile)
    expect(findPackagesFault(root)).toBeUndefined()
  })

  it('may lie in a folder above, as for a program that is part of a larger project', () => {
    const inner = join(root, 'vendor/millrace')
    for (const folder of ['apps', 'libs']) cpSync(join(root, folder), join(inner, folder), { recursive: true })
    cpSync(join(root, 'package-lock.json'), join(inner, 'package-lock.json'))
    expect(findPackagesFault(inner)).toBeUndefined()
  })
})
