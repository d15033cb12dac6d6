import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { discoverModels, isInstalled, ModelFolderError } from './discover-models.ts'

describe('discoverModels', () => {
  let base: string
  const put = (path: string, text = '') => {
    mkdirSync(join(base, path, '..'), { recursive: true })
    writeFileSync(join(base, path), text)
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

  it('finds Python models by whatever marks them, and passes over what marks nothing', async () => {
    put('m/cog/cog.yaml')
    put('m/cog/predict.py')
    put('m/info/demo.dist-info/entry_points.txt', '[deepaas.v2.model]\ndemo = demo.api\n')
    put('m/toml/pyproject.toml', '[project.entry-points."deepaas.v2.model"]\n')
    put('m/cfg/setup.cfg', '[options.entry_points]\ndeepaas.v2.model =\n')
    put('m/aiges/wrapper.py')
    put('m/plain/b.py')
    put('m/plain/predict.py')
    put('m/yaml/millrace.yaml', 'ref: package.module')
    put('m/other/pyproject.toml', '[project]')
    put('m/tests/test_a.py')
    put('m/tests/conftest.py')
    put('m/env/pyvenv.cfg')
    put('m/env/a.py')
    put('m/notes/readme.md')
    const found = await discoverModels(join(base, 'm'))
    expect(found.map(({ path }) => path.slice(base.length + 3))).toEqual([
      'aiges/wrapper.py',
      'cfg/setup.cfg',
      'cog/cog.yaml',
      'info/demo.dist-info',
      'plain/predict.py',
      'toml/pyproject.toml',
      'yaml/millrace.yaml',
    ])
    expect(found.every(({ language, fault }) => language === 'python' && fault === undefined)).toBe(true)
  })

  it('takes model.ts before Python files, unless millrace.yaml speaks of a Python model', async () => {
    for (const folder of ['a', 'b', 'c', 'd']) for (const file of ['model.ts', 'predict.py']) put(`m/${folder}/${file}`)
    put('m/b/millrace.yaml', 'convention: cog')
    put('m/c/millrace.yaml', 'ref: predict.py')
    put('m/d/millrace.yaml', 'slots: 1')
    put('m/e/predict.py')
    put('m/e/millrace.yaml', 'convention: typescript')
    const found = await discoverModels(join(base, 'm'))
    expect(found.map(({ language }) => language)).toEqual(['node', 'python', 'python', 'node', 'python'])
    expect(found[3]?.settings).toEqual({ slots: 1 })
    expect(found[4]?.fault?.message).toContain('there is no model.ts')
  })

  it('keeps a model whose millrace.yaml is wrong, with what is wrong, beside the others', async () => {
    put('m/good/model.ts')
    put('m/bad/model.ts')
    put('m/bad/millrace.yaml', 'version: "2"')
    const [bad, good] = await discoverModels(join(base, 'm'))
    expect(bad?.fault?.message).toContain('version: is for Python models')
    expect(good).toMatchObject({ label: 'good', settings: {} })
    expect(good?.fault).toBeUndefined()
  })

  it('takes a lone Python file for the model of the named folder, but not beside folders with models', async () => {
    put('one/app.py')
    put('many/app.py')
    put('many/x/model.ts')
    expect((await discoverModels(join(base, 'one'))).map(({ label }) => label)).toEqual(['one'])
    expect((await discoverModels(join(base, 'many'))).map(({ label }) => label)).toEqual(['x'])
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
