import { beforeAll, describe, expect, it } from 'vitest'
import { engineLaw } from './engine-law.ts'
import { errorPageLaw } from './error-page-law.ts'
import { environmentLaw, namedExportLaw, nameLaw, sizeLaw, titleLaw, traceLaw } from './file-laws.ts'
import { type House, modulesOf } from './house.ts'
import { frontDoorLaw, layerLaw, manifestLaw, vendorLaw } from './import-laws.ts'
import { lockfileLaw } from './lockfile-law.ts'
import { parseImports } from './parse-imports.ts'
import { readHouse } from './read-house.ts'

let house: House
beforeAll(() => {
  house = readHouse()
})

// A check that sees nothing finds nothing: each count is well below what is there.
describe('the laws see', () => {
  it('the modules of every room, their imports and their tests', () => {
    const modules = modulesOf(house)
    for (const room of ['libs/contracts/', 'libs/queue/', 'libs/storage/', 'libs/model/', 'libs/process/']) {
      expect(modules.filter(({ path }) => path.startsWith(room)).length, room).toBeGreaterThanOrEqual(5)
    }
    for (const room of ['apps/api/', 'apps/worker/', 'apps/cli/', 'test/']) {
      expect(modules.filter(({ path }) => path.startsWith(room)).length, room).toBeGreaterThanOrEqual(10)
    }
    expect(modules.flatMap(({ source }) => parseImports(source)).length).toBeGreaterThan(500)
  })

  it('every workspace and what it depends on', () => {
    expect(house.manifests.length).toBeGreaterThanOrEqual(11)
    expect(house.installed.length).toBeGreaterThanOrEqual(25)
  })

  it('files that are no modules', () => {
    for (const path of [
      '.npmrc',
      'package-lock.json',
      'README.md',
      'LICENSE',
      'libs/queue/src/scripts/jobs/submit.lua',
    ]) {
      expect(house.files.map((file) => file.path)).toContain(path)
    }
  })
})

describe('in this repository', () => {
  it.each([
    ['imports point down: apps, libs, contracts', layerLaw],
    ['a workspace is entered by its package name', frontDoorLaw],
    ['a package imports only what its package.json lists', manifestLaw],
    ['each vendor is known in one room', vendorLaw],
    ['the environment is read in config.ts and main.ts', environmentLaw],
    ['files are short', sizeLaw],
    ['file names say what is inside', nameLaw],
    ['modules export by name', namedExportLaw],
    ['titles of tests are unique in their file', titleLaw],
    ['nothing of one machine is left in a file', traceLaw],
    ['every dependency starts on the oldest Node we promise', engineLaw],
    ['docs/errors.md has every code, and no other', errorPageLaw],
    ['every entry of a lockfile has a hash', lockfileLaw],
  ])('%s', (_law, law) => {
    expect(law(house)).toEqual([])
  })
})
