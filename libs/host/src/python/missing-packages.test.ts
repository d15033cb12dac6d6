import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createInstalledModels } from '../models/installed-models.ts'
import { modelIn } from '../models/discover-models.ts'
import { installCommand, missingPackages } from './missing-packages.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-packages-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

const put = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}
const env = { PATH: process.env.PATH }
const missing = (settings = {}) => missingPackages({ folder, settings, interpreter: { path: 'python3' }, env })
const model = (head: string) =>
  `${head}\nfrom cog import BasePredictor\nclass Predictor(BasePredictor):\n    def predict(self) -> int:\n        return 1\n`

describe('the packages that a Python model lacks', () => {
  it('are those that its file imports first of all and that its Python cannot find', async () => {
    put({ 'requirements.txt': 'no_such_package', 'own.py': '' })
    put({
      'predict.py': model(
        '"""About it."""\nimport json, no_such_package.part\nfrom no_such_other import x\nimport own',
      ),
    })
    expect(await missing()).toEqual(['no_such_package', 'no_such_other'])
  })

  it('are none where something else may put them in place, or makes do without them', async () => {
    put({ 'requirements.txt': 'no_such_package' })
    put({ 'predict.py': model('try:\n    import no_such_package\nexcept ImportError:\n    no_such_package = None') })
    expect(await missing()).toEqual([])
    put({ 'predict.py': model('import sys\nsys.path.append("parts")\nimport no_such_package') })
    expect(await missing()).toEqual([])
  })

  it('are not asked for without a requirements.txt: the model is tried, and says itself what it lacks', async () => {
    put({ 'predict.py': model('import no_such_package') })
    expect(await missing()).toEqual([])
  })

  it('are none of a model that is wrong in another way', async () => {
    put({ 'requirements.txt': '', 'predict.py': 'import no_such_package\ndef predict(:\n' })
    expect(await missing()).toEqual([])
    expect(await missing({ ref: 'absent.py' })).toEqual([])
  })
})

describe('a Python model whose packages are not installed', () => {
  it('is passed over, which is said once with what to type, and is there when they are', async () => {
    put({ 'requirements.txt': 'no_such_package', 'predict.py': model('import no_such_package') })
    const said: unknown[] = []
    const logger = {
      debug: () => {},
      info: (fields: object) => void said.push(fields),
      warn: () => undefined,
      error: () => undefined,
    }
    const source = await modelIn(folder)
    const models = createInstalledModels(async () => (source ? [source] : []), { logger, env, python: 'python3' })
    expect((await models.look(2)).models).toEqual([])
    expect((await models.look(2)).models).toEqual([])
    expect(said).toMatchObject([{ missing: ['no_such_package'], run: expect.stringContaining('-m venv') }])
    mkdirSync(join(folder, 'no_such_package'))
    expect((await models.look(2)).models).toMatchObject([{ label: source?.label, missing: [] }])
  })

  it('keeps no other model waiting, as no Python model does', async () => {
    put({ 'predict.py': model('') })
    const python = await modelIn(folder)
    if (!python) throw new Error('no model')
    const node = { path: '/m/x/model.ts', label: 'x', language: 'node' as const, settings: {} }
    const sources = [node, python]
    const logger = { debug: () => {}, info: () => undefined, warn: () => undefined, error: () => undefined }
    const models = createInstalledModels(async () => sources, { logger, env })
    const seen = async (stage: 0 | 1 | 2) => {
      const { models: found, more } = await models.look(stage)
      return [found.map(({ label }) => label), more]
    }
    expect(await seen(0)).toEqual([['x'], true])
    expect(await seen(1)).toEqual([['x', python.label], false])
    put({ 'requirements.txt': '' })
    expect(await seen(1)).toEqual([['x'], true])
    expect(await seen(2)).toEqual([['x', python.label], false])
    sources.shift()
    expect(await seen(0)).toEqual([[python.label], false])
  })

  it('is tried all the same when it has an environment of its own', async () => {
    put({ 'requirements.txt': 'no_such_package', 'predict.py': model('import no_such_package') })
    expect(await missing({ python: '.venv' })).toEqual([])
    mkdirSync(join(folder, '.venv'))
    expect(await missing()).toEqual([])
  })

  it('is installed into an environment of its own', () => {
    expect(installCommand('/m/x', '/m')).toBe(
      'python3 -m venv x/.venv && x/.venv/bin/pip install -r x/requirements.txt',
    )
  })
})
