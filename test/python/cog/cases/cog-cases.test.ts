/**
 * Small Cog models and what Cog answers to each input, by theme. Here the same must come of them: what Cog takes is taken,
 * what it refuses at the door is refused at the door. Where that is not so, the row says why (`differs`).
 */
import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import { removeRunFolders } from '../../../contract/runner/run-in-folder.ts'
import { removePythonModels, startPythonModel } from '../../python-model.ts'
import { hasTestPython, NO_TEST_PYTHON, testPython } from '../../test-python.ts'
import type { CogModel, Wanted } from './cog-model.ts'
import { files } from './files.ts'
import { inputs } from './inputs.ts'
import { optional } from './optional.ts'
import { outputs } from './outputs.ts'
import { processes } from './processes.ts'
import { streams } from './streams.ts'
import { structured } from './structured.ts'
import { tryModel } from './try-model.ts'
import { unions } from './unions.ts'
import { versions } from './versions.ts'

const THEMES = { inputs, optional, unions, files, outputs, structured, streams, processes, versions }
const isModern =
  execFileSync('python3', ['-c', 'import sys; print(sys.version_info >= (3, 10))'], { encoding: 'utf8' }) === 'True\n'

function startOf({ model, cogYaml, packages, trainRef }: CogModel) {
  const files = typeof model === 'string' ? { 'predict.py': model } : model
  const source = { ...files, ...(cogYaml !== undefined && { 'cog.yaml': cogYaml }) }
  return startPythonModel({ source, trainRef, python: packages ? testPython : 'python3' })
}

afterAll(async () => {
  await removePythonModels()
  removeRunFolders()
})

describe.each(Object.entries(THEMES))('of Cog: %s', { timeout: 30_000 }, (_theme, models) => {
  it.for(models.map((row): [string, CogModel] => [row.shows, row]))('%s', async ([, row], { skip }) => {
    skip(row.modern === true && !isModern, 'python3 is older than 3.10')
    skip(row.packages === true && !hasTestPython, NO_TEST_PYTHON)
    const { notLoaded, manifest = {}, tries = [] } = row
    if (notLoaded) {
      await expect(startOf(row)).rejects.toThrow(notLoaded)
      return
    }
    const runner = await startOf(row)
    expect(await runner.start()).toMatchObject(manifest)
    const seen: [object, Wanted][] = []
    for (const one of tries) seen.push([one[0], await tryModel(runner, one)])
    expect(seen).toEqual(tries)
  })
})
