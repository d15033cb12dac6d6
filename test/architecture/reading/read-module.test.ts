import { expect, it } from 'vitest'
import { readModule } from './read-module.ts'

const importsOf = (source: string, path = 'a.ts') =>
  readModule({ path, source })
    .imports.map(({ kind, specifier }) => `${kind} ${specifier}`)
    .sort()

it('finds every form of import, over several lines too, each once', () => {
  const source = [
    `import a, { type A } from 'one'`,
    `import type {\n  C,\n} from "two/sub"`,
    `import { type D, type E } from 'two/types'`,
    `export * from './three.ts'`,
    `export type { F } from './types.ts'`,
    `import 'four'`,
    `const five = await import('five')`,
    'const six = await import(`./six/${name}.ts`)',
    `createRequire(import.meta.url).resolve('seven/package.json')`,
    `type G = import('./eight.ts').G`,
    `new URL('nine.ts', import.meta.url)`,
    `const again = await import('one')`,
  ].join('\n')
  expect(importsOf(source)).toEqual(
    [
      'value one',
      'type two/sub',
      'type two/types',
      'value ./three.ts',
      'type ./types.ts',
      'value four',
      'value five',
      'value ./six/',
      'value seven/package.json',
      'type ./eight.ts',
      'address ./nine.ts',
    ].sort(),
  )
})

it('reads every extension that runs', () => {
  for (const path of ['a.ts', 'a.mts', 'a.cts', 'a.tsx', 'a.js', 'a.jsx', 'a.mjs', 'a.cjs']) {
    expect(importsOf(`import { x } from './x.ts'\n`, path), path).toEqual(['value ./x.ts'])
  }
})

it('is not led astray by code that only looks like an import', () => {
  const source = [
    'export const from = 1',
    'const x = `import y from "z"`',
    "export function f() {} // from 'q'",
    'const text = \'await import("w")\'',
    "Promise.resolve('v')",
    "path.resolve('u')",
  ].join('\n')
  expect(importsOf(source)).toEqual([])
})

it('says what it could not read', () => {
  expect(readModule({ path: 'a.ts', source: 'const = 1\n' }).faults).not.toEqual([])
  expect(readModule({ path: 'a.ts', source: 'const a = 1\n' }).faults).toEqual([])
})
