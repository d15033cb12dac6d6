import { beforeAll, describe, expect, it } from 'vitest'
import { DRAWINGS } from '../../scripts/drawings.ts'
import { arrowLaw, arrowsOf, placesOf } from './laws/arrow-law.ts'
import { circleLaw, folderCircleLaw, placeOf } from './laws/circle-law.ts'
import { engineLaw } from './laws/engine-law.ts'
import { errorPageLaw } from './laws/error-page-law.ts'
import { navLaw } from './laws/nav-law.ts'
import { exportingFiles, mainExportLaw } from './laws/export-law.ts'
import { environmentLaw, namedExportLaw, nameLaw, sizeLaw, titleLaw, traceLaw } from './laws/file-laws.ts'
import { glossaryLaw, glossaryOf } from './laws/glossary-law.ts'
import { folderSizeLaw, foldersOf, prefixLaw } from './laws/folder-laws.ts'
import { functionLaw } from './laws/function-law.ts'
import { headedFiles, headerLaw } from './laws/header-law.ts'
import { frontDoorLaw, layerLaw, manifestLaw, vendorLaw } from './laws/import-laws.ts'
import { lockfileLaw } from './laws/lockfile-law.ts'
import { wordLaw } from './laws/word-law.ts'
import { commentPathLaw, headingLaw, mentionsInComments, mentionsInPages, pagePathLaw } from './laws/path-law.ts'
import { type House, type Law, modulesOf } from './reading/house.ts'
import { importGraph } from './reading/import-graph.ts'
import { readHouse } from './reading/read-house.ts'
import { readModule } from './reading/read-module.ts'

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
    const facts = modules.map(readModule)
    expect(facts.flatMap(({ faults }) => faults)).toEqual([])
    const imports = facts.flatMap((module) => module.imports)
    for (const [kind, least] of [
      ['value', 2000],
      ['type', 300],
      ['address', 50],
    ] as const) {
      expect(imports.filter((one) => one.kind === kind).length, kind).toBeGreaterThan(least)
    }
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

  it('functions, exports and comments', () => {
    const facts = modulesOf(house).map(readModule)
    expect(facts.flatMap(({ functions }) => functions).length).toBeGreaterThan(4000)
    expect(facts.flatMap(({ functions }) => functions).filter(({ lines }) => lines > 40).length).toBeGreaterThan(10)
    expect(facts.flatMap(({ comments }) => comments).length).toBeGreaterThan(2000)
    expect(exportingFiles(house).length).toBeGreaterThan(400)
  })

  it('which file needs which, across rooms too, and which folder', () => {
    const arrows = [...importGraph(house)].flatMap(([from, targets]) => [...targets].map((to) => ({ from, to })))
    expect(arrows.length).toBeGreaterThan(2000)
    expect(arrows.filter(({ to }) => to.endsWith('/src/index.ts')).length).toBeGreaterThan(200)
    expect(new Set(arrows.map(({ from }) => placeOf(from))).size).toBeGreaterThan(50)
  })

  it('the folders of each room that is drawn, and more arrows than are drawn', () => {
    expect(Object.keys(DRAWINGS)).toHaveLength(6)
    for (const [room, drawing] of Object.entries(DRAWINGS)) {
      expect(placesOf(house, room).length, room).toBeGreaterThanOrEqual(7)
      expect(arrowsOf(house, room).length, room).toBeGreaterThan(3 * Object.keys(drawing).length)
    }
  })

  it('folders, headers in each language, and what pages and comments name', () => {
    expect(foldersOf(house).size).toBeGreaterThan(60)
    for (const [ending, least] of [
      ['.ts', 300],
      ['.mjs', 5],
      ['.py', 20],
      ['.lua', 20],
    ] as const) {
      expect(headedFiles(house).filter(({ path }) => path.endsWith(ending)).length, ending).toBeGreaterThan(least)
    }
    expect(mentionsInPages(house).length).toBeGreaterThan(60)
    expect(mentionsInComments(house).length).toBeGreaterThan(60)
    expect(glossaryOf(house).length).toBeGreaterThan(70)
  })
})

const LAWS: Record<string, Law> = {
  'imports point down: apps, libs, contracts': layerLaw,
  'a workspace is entered by its package name': frontDoorLaw,
  'a package imports only what its package.json lists': manifestLaw,
  'each vendor is known in one room': vendorLaw,
  'folders import what is drawn': arrowLaw,
  'no file needs itself by way of others': circleLaw,
  'no folder needs itself by way of others': folderCircleLaw,
  'folders are small': folderSizeLaw,
  'no prefix stands in for a folder': prefixLaw,
  'the environment is read in config.ts and main.ts': environmentLaw,
  'files are short': sizeLaw,
  'functions are short': functionLaw,
  'files begin with what they promise': headerLaw,
  'file names say what is inside': nameLaw,
  'files are named after their main export': mainExportLaw,
  'modules export by name': namedExportLaw,
  'titles of tests are unique in their file': titleLaw,
  'nothing of one machine is left in a file': traceLaw,
  'every dependency starts on the oldest Node we promise': engineLaw,
  'docs/errors.md has every code, and no other': errorPageLaw,
  'every page of docs is in the site': navLaw,
  'the glossary has the words of the code': glossaryLaw,
  'pages name only what is there': pagePathLaw,
  'links lead to headings that are there': headingLaw,
  'comments name only what is there': commentPathLaw,
  'one word for one thing': wordLaw,
  'every entry of a lockfile has a hash': lockfileLaw,
}

describe('in this repository', () => {
  it.each(Object.entries(LAWS))('%s', (_title, law) => {
    expect(law(house)).toEqual([])
  })
})
