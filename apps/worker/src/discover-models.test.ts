import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { discoverModels, isInstalled, ModelFolderError } from './discover-models.ts'

describe('discoverModels', () => {
  let base: string
  const put = (path: string) => {
    mkdirSync(join(base, path, '..'), { recursive: true })
    writeFileSync(join(base, path), '')
  }
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'millrace-models-'))
  })
  afterEach(() => rmSync(base, { recursive: true, force: true }))

  it('finds one model per folder, in several folders, each once', async () => {
    for (const path of ['a/one/model.ts', 'a/two/model.mjs', 'a/notes/readme.md', 'b/three/model.js']) put(path)
    const [a, b] = [join(base, 'a'), join(base, 'b')]
    for (const folders of [`${a}${delimiter}${b}`, `${a}, ${b},${a}`]) {
      const found = await discoverModels(folders)
      expect(found.map((source) => source.label)).toEqual(['one', 'two', 'three'])
      expect(found[0]?.path).toBe(join(a, 'one/model.ts'))
    }
    expect(await discoverModels(join(a, 'one'))).toHaveLength(1)
  })

  it('tells a model whose own packages are missing', async () => {
    for (const path of ['m/plain/model.ts', 'm/heavy/model.ts', 'm/heavy/package-lock.json']) put(path)
    const installed = async () => (await discoverModels(join(base, 'm'))).filter(isInstalled).map(({ label }) => label)
    expect(await installed()).toEqual(['plain'])
    mkdirSync(join(base, 'm/heavy/node_modules'))
    expect(await installed()).toEqual(['heavy', 'plain'])
  })

  it('says what is wrong with a folder', async () => {
    put('two/m/model.ts')
    put('two/m/model.js')
    put('none/x/other.ts')
    put('file')
    mkdirSync(join(base, 'empty'))
    const cases = {
      missing: /does not exist/,
      file: /not a folder/,
      empty: /is empty/,
      none: /folders: x/,
      two: /keep one/,
    }
    for (const [name, why] of Object.entries(cases)) {
      const error = await discoverModels(join(base, name)).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ModelFolderError)
      expect((error as Error).message).toMatch(why)
    }
    await expect(discoverModels(' , ')).rejects.toThrow('no folder is named')
  })
})
