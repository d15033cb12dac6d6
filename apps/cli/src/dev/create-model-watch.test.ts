import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { createModelWatch } from './create-model-watch.ts'

async function watched() {
  const root = mkdtempSync(join(tmpdir(), 'millrace-watch-'))
  const write = (path: string, text = 'x') => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  write('ocr/model.ts')
  const told: string[][] = []
  const onChange = async (paths: string[]) => void told.push(paths.map((path) => path.slice(root.length + 1)).sort())
  const onFault = (error: unknown) => {
    throw error
  }
  const watch = createModelWatch({ folders: [root], onChange, onFault, everyMs: 5, debounceMs: 20 })
  await watch.start()
  onTestFinished(async () => {
    await watch.stop(1000)
    rmSync(root, { recursive: true, force: true })
  })
  return { root, write, told, next: (count: number) => until(`${count} changes`, () => told[count - 1]) }
}

test('a file that is saved in place, by a rename, again by a rename, that is new or removed: each is told', async () => {
  const { root, write, next } = await watched()
  write('ocr/model.ts', 'in place')
  expect(await next(1)).toEqual(['ocr/model.ts'])
  for (const [count, text] of [
    [2, 'renamed'],
    [3, 'renamed again'],
  ] as const) {
    write('ocr/.model.ts.swp', text)
    renameSync(join(root, 'ocr/.model.ts.swp'), join(root, 'ocr/model.ts'))
    expect(await next(count)).toEqual(['ocr/model.ts'])
  }
  write('shout/deep/word.py')
  write('shout/millrace.yaml')
  expect(await next(4)).toEqual(['shout/deep/word.py', 'shout/millrace.yaml'])
  rmSync(join(root, 'ocr'), { recursive: true })
  expect(await next(5)).toEqual(['ocr/model.ts'])
})

test('saves that follow each other closely are told once', async () => {
  const { write, told, next } = await watched()
  write('ocr/a.ts')
  write('ocr/b.json')
  expect(await next(1)).toEqual(['ocr/a.ts', 'ocr/b.json'])
  write('ocr/model.ts', 'later')
  expect(await next(2)).toEqual(['ocr/model.ts'])
  expect(told).toHaveLength(2)
})

test('packages, dotfiles, what a model writes beside its source, and saves that change nothing are not told', async () => {
  const { root, write, told, next } = await watched()
  write('ocr/node_modules/zod/index.js')
  write('ocr/.cache/state.json')
  write('ocr/__pycache__/model.py')
  write('ocr/eng.traineddata')
  write('ocr/model.ts', 'x')
  utimesSync(join(root, 'ocr/model.ts'), new Date(), new Date(0))
  write('ocr/last.ts')
  expect(await next(1)).toEqual(['ocr/last.ts'])
  expect(told).toHaveLength(1)
})

test('a Python environment that is made beside a model is told, whatever its name, and its packages are not', async () => {
  const { write, told, next } = await watched()
  write('ocr/.venv/pyvenv.cfg')
  expect(await next(1)).toEqual(['ocr/.venv/pyvenv.cfg'])
  write('ocr/env/pyvenv.cfg')
  expect(await next(2)).toEqual(['ocr/env/pyvenv.cfg'])
  write('ocr/.venv/lib/site.py')
  write('ocr/env/lib/site.py')
  write('ocr/last.ts')
  expect(await next(3)).toEqual(['ocr/last.ts'])
  expect(told).toHaveLength(3)
})
