import { describe, expect, it } from 'vitest'
import { circleLaw, folderCircleLaw } from './laws/circle-law.ts'
import { mainExportLaw } from './laws/export-law.ts'
import { folderSizeLaw, prefixLaw } from './laws/folder-laws.ts'
import { functionLaw } from './laws/function-law.ts'
import { headerLaw } from './laws/header-law.ts'
import { frontDoorLaw } from './laws/import-laws.ts'
import { wordLaw } from './laws/word-law.ts'
import { commentPathLaw, headingLaw, pagePathLaw } from './laws/path-law.ts'
import { houseWith } from './reading/house.fixture.ts'
import { type House, type Law, type TextFile } from './reading/house.ts'

const file = (path: string, source = ''): TextFile => ({ path, source })
const houseOf = (...files: TextFile[]): House =>
  houseWith('libs/storage/src/index.ts', '/** The front door of an invented room. */\n', ...files)
const from = (specifier: string): string => `import { x } from '${specifier}'\n`
const typeFrom = (specifier: string): string => `import type { X } from '${specifier}'\n`
const functionOf = (lines: number): string => `${'  x()\n'.repeat(lines - 2)}`
const manyFiles = (count: number, nameOf: (index: number) => string): TextFile[] =>
  Array.from({ length: count }, (_, index) => file(`libs/queue/src/jobs/${nameOf(index)}`))

type Plant = [law: Law, what: string, files: TextFile[]]

describe('a law', () => {
  it.each<Plant>([
    [
      circleLaw,
      'two files',
      [file('libs/queue/src/a.ts', from('./b.ts')), file('libs/queue/src/b.ts', from('./a.ts'))],
    ],
    [
      circleLaw,
      'types, and a long way round',
      [
        file('libs/queue/src/a.ts', typeFrom('./b.ts')),
        file('libs/queue/src/b.ts', `export * from './c.ts'\n`),
        file('libs/queue/src/c.ts', `type X = import('./a.ts').X\n`),
      ],
    ],
    [
      circleLaw,
      'the front doors of two rooms',
      [
        file('libs/queue/src/index.ts', `export * from './a.ts'\n`),
        file('libs/queue/src/a.ts', typeFrom('@millrace/contracts')),
        file('libs/contracts/src/index.ts', typeFrom('@millrace/queue')),
      ],
    ],
    [
      circleLaw,
      'an .mjs file',
      [file('apps/cli/bin/a.mjs', from('./b.mjs')), file('apps/cli/bin/b.mjs', from('./a.mjs'))],
    ],
    [
      folderCircleLaw,
      'two folders, no circle of files',
      [
        file('libs/queue/src/jobs/a.ts', from('../redis/b.ts')),
        file('libs/queue/src/redis/c.ts', typeFrom('../jobs/d.ts')),
        file('libs/queue/src/redis/b.ts'),
        file('libs/queue/src/jobs/d.ts'),
      ],
    ],
    [
      folderCircleLaw,
      'a folder that imports what lies beside it',
      [
        file('libs/queue/src/open.ts', from('./redis/b.ts')),
        file('libs/queue/src/redis/c.ts', from('../open.ts')),
        file('libs/queue/src/redis/b.ts'),
      ],
    ],
    [functionLaw, 'a function', [file('apps/api/src/a.ts', `function f() {\n${functionOf(61)}}\n`)]],
    [functionLaw, 'a closure', [file('apps/api/src/a.ts', `const f = () => {\n${functionOf(61)}}\n`)]],
    [functionLaw, 'a method', [file('apps/api/src/a.ts', `class A {\n#f() {\n${functionOf(61)}}\n}\n`)]],
    [functionLaw, 'a handler', [file('apps/api/src/a.mjs', `app.get('/', () => {\n${functionOf(61)}})\n`)]],
    [
      functionLaw,
      'a helper in a test',
      [file('test/a.test.ts', `describe('a', () => {\nfunction f() {\n${functionOf(61)}}\n})\n`)],
    ],
    [headerLaw, 'a file without a header', [file('apps/api/src/a.ts', from('./b.ts'))]],
    [headerLaw, 'a style sheet', [file('apps/web/src/a.css', '.a {}\n/* What a screen looks like here. */\n')]],
    [
      headerLaw,
      'a header behind an import',
      [file('apps/api/src/a.ts', `${from('./b.ts')}/** Promises this and that to all. */\n`)],
    ],
    [headerLaw, 'a header that says nothing', [file('apps/api/src/a.ts', '/** Things. */\n')]],
    [headerLaw, 'a comment that is no header', [file('apps/api/src/a.ts', '/* Promises this and that to all. */\n')]],
    [headerLaw, 'a front door', [file('apps/api/src/index.ts', `export * from './a.ts'\n`)]],
    [headerLaw, 'Python', [file('apps/runner/python/a.py', 'import os\n"""Promises this and that to all."""\n')]],
    [headerLaw, 'Lua', [file('libs/queue/src/scripts/a.lua', 'local a = 1\n-- Promises this and that to all.\n')]],
    [folderSizeLaw, 'a full folder', manyFiles(16, (index) => `a${index}.ts`)],
    [prefixLaw, 'a prefix', manyFiles(4, (index) => `shelf-${index}.ts`)],
    [prefixLaw, 'a prefix in Python', manyFiles(4, (index) => `cog_${index}.py`)],
    [mainExportLaw, 'another name', [file('apps/api/src/gate.ts', 'export function openDoor() {}\n')]],
    [mainExportLaw, 'several of another name', [file('apps/api/src/gate.ts', 'export const door = 1, wall = 2\n')]],
    [mainExportLaw, 'another name for Node', [file('apps/api/src/gate-node.ts', 'export const door = 1\n')]],
    [
      mainExportLaw,
      'a vocabulary with a word of two',
      [file('apps/api/src/gate-kinds.ts', 'export const door = 1, openWall = 2\n')],
    ],
    [mainExportLaw, 'an .mjs file', [file('apps/cli/bin/gate.mjs', 'export const door = 1\n')]],
    [frontDoorLaw, 'an .mjs file', [file('apps/cli/bin/a.mjs', from('../../worker/src/b.ts'))]],
    [frontDoorLaw, 'a .tsx file', [file('apps/api/src/a.tsx', from('../../worker/src/b.ts'))]],
    [frontDoorLaw, 'a .cts file', [file('apps/api/src/a.cts', `require('../../worker/src/b.ts')\n`)]],
    [frontDoorLaw, 'a dynamic import', [file('apps/cli/bin/a.mjs', `await import('../../worker/src/b.ts')\n`)]],
    [frontDoorLaw, 'an address', [file('apps/cli/src/a.ts', `new URL('../../worker/src/b.ts', import.meta.url)\n`)]],
    [
      frontDoorLaw,
      'an address with a part computed',
      [file('apps/cli/src/a.ts', 'new URL(`../../worker/${b}`, import.meta.url)\n')],
    ],
    [
      frontDoorLaw,
      'a resolved path',
      [file('apps/cli/src/a.ts', `createRequire(import.meta.url).resolve('../../worker/b.ts')\n`)],
    ],
    [frontDoorLaw, 'a type', [file('apps/cli/src/a.ts', `type X = import('../../worker/src/b.ts').X\n`)]],
    [pagePathLaw, 'a path in a page', [file('docs/a.md', 'See `apps/api/src/gone.ts`.\n')]],
    [pagePathLaw, 'a link in a page', [file('README.md', 'See [there](./gone.md#now).\n')]],
    [headingLaw, 'a heading that is not in this page', [file('docs/a.md', '# Here\n\nSee [there](#there).\n')]],
    [
      headingLaw,
      'a heading that is not in another page',
      [file('docs/a.md', 'See [there](../README.md#here).\n'), file('README.md', '# There\n')],
    ],
    [pagePathLaw, 'a name in a page', [file('ARCHITECTURE.md', 'See `gone.lua`.\n')]],
    [commentPathLaw, 'a name in a comment', [file('apps/api/src/a.ts', '/** Called by gone.ts. */\n')]],
    [commentPathLaw, 'a path in Lua', [file('libs/queue/src/scripts/a.lua', '-- see libs/queue/src/gone.ts\n')]],
    [wordLaw, 'a word that was replaced', [file('apps/api/src/a.ts', '/** Erases a job for good. */\n')]],
    [commentPathLaw, 'a name in Python', [file('apps/runner/python/a.py', '"""Called by gone.py."""\n')]],
  ])('%# finds what is planted: %o, %s', (law, _what, files) => {
    expect(law(houseOf(...files))).toHaveLength(1)
  })

  it.each<Plant>([
    [
      circleLaw,
      'an address',
      [file('test/a.test.ts', `new URL('./b.ts', import.meta.url)\n`), file('test/b.ts', from('./a.test.ts'))],
    ],
    [
      folderCircleLaw,
      'a test',
      [
        file('libs/queue/src/jobs/a.ts', from('../redis/b.ts')),
        file('libs/queue/src/redis/b.ts'),
        file('libs/queue/src/redis/b.test.ts', from('../jobs/a.ts')),
      ],
    ],
    [functionLaw, 'sixty lines', [file('apps/api/src/a.ts', `function f() {\n${functionOf(60)}}\n`)]],
    [
      functionLaw,
      'a suite',
      [file('test/a.suite.ts', `function f() {\ndescribe.each([1])('a', () => {\n${functionOf(90)}})\n}\n`)],
    ],
    [
      headerLaw,
      'a program',
      [file('apps/cli/bin/a.mjs', `#!/usr/bin/env node\n// Promises this and that to all.\n${from('./b.mjs')}`)],
    ],
    [headerLaw, 'Python', [file('apps/runner/python/a.py', '"""Promises this and that to all."""\nimport os\n')]],
    [folderSizeLaw, 'tests', manyFiles(30, (index) => `a${index}${index < 15 ? '' : '.test'}.ts`)],
    [
      folderSizeLaw,
      'a stand-in of a package',
      Array.from({ length: 30 }, (_, index) => file(`apps/runner/python/shims/cog/cog/a${index}.py`)),
    ],
    [
      prefixLaw,
      'verbs, and the word of the folder',
      [...manyFiles(4, (index) => `read-${index}.ts`), ...manyFiles(4, (index) => `job-${index}.ts`)],
    ],
    [mainExportLaw, 'a verb before it', [file('apps/api/src/gate.ts', 'export function createGate() {}\n')]],
    [mainExportLaw, 'a type', [file('apps/api/src/gate.ts', 'export interface Gate {}\nexport const open = 1\n')]],
    [
      mainExportLaw,
      'several about it',
      [file('apps/api/src/json-pointers.ts', 'export const parsePointer = 1, at = 2\n')],
    ],
    [
      mainExportLaw,
      'one name for two platforms',
      ['node', 'web'].map((platform) => file(`apps/api/src/gate-${platform}.ts`, 'export const openGate = 1\n')),
    ],
    [mainExportLaw, 'a vocabulary', [file('apps/api/src/gate-kinds.ts', 'export const door = 1, wall = 2\n')]],
    [pagePathLaw, 'a placeholder', [file('docs/a.md', 'Write `models/<name>/model.ts`.\n')]],
    [
      headingLaw,
      'what is there',
      [
        file('docs/a.md', '## What it is, `now`\n\nSee [there](../README.md#all-of-it) and [here](#what-it-is-now).\n'),
        file('README.md', '# All of it\n'),
      ],
    ],
    [pagePathLaw, 'a folder', [file('docs/a.md', 'See `libs/storage/src/`.\n')]],
  ])('%# lets be what is right: %o, %s', (law, _what, files) => {
    expect(law(houseOf(...files))).toEqual([])
  })
})
