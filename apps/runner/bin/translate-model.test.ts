import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { RunnerMessage } from '@millrace/contracts'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { modelSource } from '../../../test/support/author-folder.ts'
import { copyHouse, type HouseCopy } from '../../../test/support/processes/copy-house.ts'
import { until } from '../../../test/support/until.ts'

/** Starts runners as a worker does from a translation, with models of an author. */

vi.setConfig({ testTimeout: 60_000 })

let house: HouseCopy
let translation: string
let author: string
const running: ChildProcess[] = []

beforeAll(() => {
  house = copyHouse()
  execFileSync(process.execPath, [house.program, 'version'])
  translation = join(house.cache, readdirSync(house.cache)[0] ?? '')
  author = join(house.root, 'author')
  mkdirSync(author)
  symlinkSync(join(house.root, 'node_modules'), join(author, 'node_modules'))
}, 60_000)
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  rmSync(join(translation, 'models'), { recursive: true, force: true })
})
afterAll(() => house.delete())

const save = (name: string, text: string): string => {
  const path = join(author, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}
const model = (parts: { head?: string; description?: string; body?: string; input?: string }): string =>
  modelSource({ name: 'm', input: '', body: `{ text: 'done' }`, ...parts })

/** Starts a runner and resolves with its first message. `run` resolves with the answer to one run. */
async function start(path: string) {
  const child = spawn(process.execPath, [join(translation, 'node-runner.mjs'), path, String(process.pid)], {
    cwd: dirname(path),
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  })
  running.push(child)
  const said: RunnerMessage[] = []
  createInterface({ input: child.stdio[4] as Readable }).on('line', (line) => said.push(JSON.parse(line)))
  const next = () => until('the runner speaks', () => said.shift(), { timeoutMs: 30_000 })
  const first = await next()
  return {
    first,
    async run() {
      const order = { type: 'run', id: 'a-1', input: {}, files: [], work_dir: author }
      ;(child.stdio[3] as Writable).write(`${JSON.stringify(order)}\n`)
      return next()
    },
  }
}
const ready = (description: string) => ({ type: 'ready', manifest: { description } })
/** True when the model runs from a translation. When tsx has to load it, the translation is empty. */
const isTranslated = (): boolean => {
  const [name] = readdirSync(join(translation, 'models'))
  return name !== undefined && readFileSync(join(translation, 'models', name), 'utf8').includes('defineModel')
}

it('runs a model of several files, and takes an edit of any of them at the next start', async () => {
  save('several/words.ts', `export const words: string = 'first'`)
  const path = save('several/model.ts', model({ head: `import { words } from './words.ts'`, description: 'words' }))
  expect((await start(path)).first).toMatchObject(ready('first'))
  expect(isTranslated()).toBe(true)
  expect((await start(path)).first).toMatchObject(ready('first'))
  save('several/words.ts', `export const words: string = 'second'`)
  expect((await start(path)).first).toMatchObject(ready('second'))
})

it('gives a model the very modules that its runner has', async () => {
  const head = `import { file, InvalidInputError } from '@millrace/model'`
  const body = `(() => { throw new InvalidInputError('of the same class') })()`
  const path = save('same/model.mjs', model({ head, input: `image: file('image/png').optional()`, body }))
  const { first, run } = await start(path)
  expect(first).toMatchObject({ manifest: { input_schema: { properties: { image: { format: 'file' } } } } })
  expect(await run()).toMatchObject({ type: 'failed', code: 'invalid_input', message: 'of the same class' })
  expect(isTranslated()).toBe(true)
})

it('lets a model find what lies beside it', async () => {
  save('beside/label.txt', 'from beside')
  const head = `import { readFileSync } from 'node:fs'`
  const description = `readFileSync(new URL('./label.txt', import.meta.url), 'utf8')`
  expect((await start(save('beside/model.ts', model({ head, description })))).first).toMatchObject(ready('from beside'))
  expect(isTranslated()).toBe(true)
})

it('names file and line of the model in a traceback', async () => {
  const path = save('throws/model.ts', model({ body: `(() => {\n    throw new Error('planted')\n  })()` }))
  const line =
    readFileSync(path, 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('planted')) + 1
  const { run } = await start(path)
  expect(await run()).toMatchObject({ code: 'model_error', traceback: expect.stringContaining(`${path}:${line}:`) })
  expect(isTranslated()).toBe(true)
})

it.each([
  ['a computed import', `const part = './part.ts'\nconst { words } = await import(part)`],
  [
    'a require',
    `import { createRequire } from 'node:module'\nconst { words } = createRequire(import.meta.url)('./part.ts')`,
  ],
])('leaves a model with %s to the loader', async (_what, head) => {
  save('loader/part.ts', `export const words: string = 'loaded'`)
  const { first, run } = await start(save('loader/model.ts', model({ head, description: 'words' })))
  expect(first).toMatchObject(ready('loaded'))
  expect(await run()).toMatchObject({ type: 'done' })
  expect(isTranslated()).toBe(false)
})

it('leaves a model to the loader when a package of it needs @millrace/model', async () => {
  const folder = join(house.root, 'node_modules', 'model-kit')
  mkdirSync(folder)
  const manifest = { name: 'model-kit', type: 'module', main: 'kit.js', dependencies: { '@millrace/model': '*' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'kit.js'), `import { file } from '@millrace/model'\nexport const words = typeof file`)
  const path = save('kit/model.ts', model({ head: `import { words } from 'model-kit'`, description: 'words' }))
  expect((await start(path)).first).toMatchObject(ready('function'))
})

it.each([
  ['translated', '', true],
  ['run by the loader', `export const late = (part: string) => import(part)`, false],
])('lends what each model needs to one in a folder where nothing is installed, %s', async (_how, rest, translated) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bare-'))
  const path = join(folder, 'model.ts')
  const body = `(() => { throw new ModelError('planted', { code: 7 }) })()`
  writeFileSync(path, `${model({ head: `import { ModelError } from '@millrace/model'`, body })}\n${rest}`)
  const { first, run } = await start(path)
  expect(first).toMatchObject(ready(''))
  expect(await run()).toMatchObject({ type: 'failed', message: 'planted', details: { code: 7 } })
  expect(isTranslated()).toBe(translated)
  rmSync(folder, { recursive: true })
})

it('runs a model where nothing can be written', async () => {
  writeFileSync(join(translation, 'models'), 'a file where the folder should be')
  expect((await start(save('unwritable/model.ts', model({})))).first).toMatchObject(ready(''))
})

it('says what is wrong with a model that cannot be translated', async () => {
  const path = save('wrong/model.ts', 'export default {{')
  expect((await start(path)).first).toMatchObject({
    type: 'setup_failed',
    message: expect.stringContaining('model.ts:1'),
  })
})
