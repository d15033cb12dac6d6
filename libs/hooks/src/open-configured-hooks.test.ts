import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '@millrace/process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openConfiguredHooks } from './open-configured-hooks.ts'

let folder: string
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-hooks-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function open(text: string, ending: string) {
  const hooks = join(folder, `hooks-${files++}${ending}`)
  await writeFile(hooks, text)
  return openConfiguredHooks({ hooks })
}

it('gives none where none are named', async () => {
  expect(await openConfiguredHooks({ hooks: undefined })).toBeUndefined()
})

it.each([
  ['.ts', 'export default { beforeSubmit(one: { input: object }): undefined { return void one } }'],
  ['.mjs', 'export default { beforeSubmit() {} }'],
  ['.cjs', 'module.exports = { beforeSubmit() {} }'],
  ['.cts', 'export default { beforeSubmit(): void {} }'],
])('loads a module that ends in %s', async (ending, text) => {
  const hooks = await open(text, ending)
  expect([typeof hooks?.beforeSubmit, hooks?.afterEnd]).toEqual(['function', undefined])
})

it.each([
  ['export default {', 'could not be loaded: '],
  ['import "./nothing.ts"', 'could not be loaded: '],
  ['throw new Error("no\\nsecond line")', 'could not be loaded: no'],
  ['export const beforeSubmit = () => {}', 'has no hooks as its default export'],
  ['export default () => {}', 'has no hooks as its default export'],
  ['export default {}', 'exports neither beforeSubmit nor afterEnd'],
  ['export default { beforeSubmit: 1 }', 'exports beforeSubmit, which is no function'],
  ['export default { onEnd() {} }', 'exports onEnd; there is beforeSubmit and afterEnd'],
])('says in one line what is wrong with %j', async (text, words) => {
  for (const ending of ['.ts', '.mjs']) {
    const error: unknown = await open(text, ending).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(ConfigError)
    const { message } = error as ConfigError
    expect(message.startsWith(`MILLRACE_HOOKS: ${folder}`)).toBe(true)
    expect(message).toContain(words)
    expect(message).not.toContain('\n')
  }
})
