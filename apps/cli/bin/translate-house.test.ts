import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { copyHouse, type HouseCopy } from '../../../test/support/processes/copy-house.ts'

vi.setConfig({ testTimeout: 60_000 })

interface Outcome {
  code: number
  out: string
  err: string
}

let house: HouseCopy
let original: string
const source = () => join(house.root, 'apps/cli/src/commands/version.ts')
const translations = () => readdirSync(house.cache)

const version = (): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(process.execPath, [house.program, 'version'], { env: { PATH: process.env.PATH } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })

/** Makes `version` run another statement instead of printing. */
const edit = (statement: string): void => writeFileSync(source(), original.replace('console.log(version)', statement))

beforeAll(() => {
  house = copyHouse()
  original = readFileSync(source(), 'utf8')
})
afterAll(() => house.delete())
beforeEach(() => edit('console.log(version)'))

/** A translation takes seconds of processor time: only a test of the first start forgets those of the tests before. */
const forget = (): void => rmSync(house.cache, { recursive: true, force: true })

it('translates at the first start, and starts from that from then on', async () => {
  expect(await version()).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
  const [only = '', ...others] = translations()
  expect(others).toEqual([])
  const main = join(house.cache, only, 'main.mjs')
  const made = readFileSync(main, 'utf8')
  writeFileSync(main, `console.log('translated')\n${made}`)
  expect((await version()).out).toMatch(/^translated\n/)
  writeFileSync(main, made)
})

it('holds the start of the threads that check', async () => {
  await version()
  expect(translations()).toHaveLength(1)
  const thread = new Worker(join(house.cache, translations()[0] ?? '', 'check-thread-main.mjs'))
  expect(await once(thread, 'message')).toEqual([{ kind: 'ready' }])
  await thread.terminate()
})

it('takes an edit of the source at the next start, and the old translation again when it is undone', async () => {
  await version()
  edit(`console.log('edited', version)`)
  expect((await version()).out).toMatch(/^edited \d/)
  expect(translations()).toHaveLength(2)
  edit('console.log(version)')
  expect((await version()).out).toMatch(/^\d/)
  expect(translations()).toHaveLength(2)
})

it('lets several first starts at once find or make one whole translation', async () => {
  forget()
  const outcomes = await Promise.all(Array.from({ length: 3 }, version))
  for (const outcome of outcomes) expect(outcome).toEqual({ code: 0, out: expect.stringMatching(/^\d/), err: '' })
  expect(translations()).toEqual([expect.stringMatching(/^[0-9a-f]{24}$/)])
})

it('starts from the source when the translation cannot be written', async () => {
  forget()
  mkdirSync(dirname(house.cache), { recursive: true })
  writeFileSync(house.cache, 'a file where the folder should be')
  expect(await version()).toEqual({ code: 0, out: expect.stringMatching(/^\d/), err: '' })
  forget()
})

it('names the source file when it cannot be translated, and leaves nothing behind', async () => {
  edit('console.log(version')
  const { code, err } = await version()
  expect(code).toBe(1)
  expect(err).toContain('apps/cli/src/commands/version.ts')
  expect(translations()).toEqual([])
})

it('names source file and line in a stack trace', async () => {
  edit(`throw new TypeError('planted')`)
  const line =
    readFileSync(source(), 'utf8')
      .split('\n')
      .findIndex((text) => text.includes('planted')) + 1
  const { code, err } = await version()
  expect(code).toBe(1)
  expect(err).toMatch(/^TypeError: planted\n/)
  expect(err).toContain(`${source()}:${line}:`)
  expect(err).not.toContain(house.cache)
})

it('keeps the five newest translations', async () => {
  forget()
  mkdirSync(house.cache, { recursive: true })
  for (const name of ['1', '2', '3', '4', '5', '6']) mkdirSync(join(house.cache, name))
  await version()
  expect(translations()).toHaveLength(5)
  expect(translations()).toContainEqual(expect.stringMatching(/^[0-9a-f]{24}$/))
})
