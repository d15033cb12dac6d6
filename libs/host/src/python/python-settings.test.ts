import { PYTHON_PROGRAMS } from '@millrace/runner'
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { modelNameOf, pythonSettingsOf, pythonSettingsSchema } from './python-settings.ts'

const folder = '/models/My Model'
const told = { folder, hostPid: 7, device: 'cuda:0' }

describe('what the Python runner is told', () => {
  it('is complete without a millrace.yaml: detect everything, with a name made from the folder', () => {
    const settings = pythonSettingsOf({ ...told, settings: {} })
    expect(pythonSettingsSchema.parse(settings)).toEqual({
      folder,
      convention: null,
      ref: null,
      train_ref: null,
      host_pid: 7,
      device: 'cuda:0',
      config: {},
      manifest: { name: 'my-model' },
    })
  })

  it('holds of the manifest what was said, under its own names, and nothing else', () => {
    const settings = pythonSettingsOf({
      ...told,
      print: 'aiges_schema',
      settings: {
        name: 'ocr',
        task: 'embedding',
        convention: 'cog',
        ref: 'a.py:B',
        train: 'a.py:train',
        timeout: 5,
        training_timeout: 7200,
        cancel_grace: 1,
        batch: { max_size: 4, max_wait_ms: 0 },
        concurrency: 3,
        config: { weights: 'w.bin' },
        input: { type: 'object' },
        env: { SECRET: 'never here' },
      },
    })
    expect(pythonSettingsSchema.parse(settings)).toEqual(settings)
    expect(settings).toMatchObject({ convention: 'cog', ref: 'a.py:B', train_ref: 'a.py:train', print: 'aiges_schema' })
    expect(settings.config).toEqual({ weights: 'w.bin' })
    expect(settings.manifest).toEqual({
      name: 'ocr',
      task: 'embedding',
      timeout_seconds: 5,
      training: { timeout_seconds: 7200 },
      cancel_grace_seconds: 1,
      batch: { max_size: 4, max_wait_ms: 0 },
      concurrency: 3,
      input_schema: { type: 'object' },
    })
  })

  it('is read by Python under the same names', () => {
    const settings = pythonSettingsOf({
      ...told,
      print: 'aiges_schema',
      settings: { convention: 'aiges', ref: 'wrapper.py', train: 't.py', config: { a: 1 } },
    })
    const script = `import json, sys; sys.path.insert(0, sys.argv[1]); sys.dont_write_bytecode = True
from millrace_runner.settings import Settings
print(json.dumps(vars(Settings(sys.argv[2]))))`
    const read = execFileSync('python3', ['-c', script, PYTHON_PROGRAMS, JSON.stringify(settings)], {
      encoding: 'utf8',
    })
    expect(JSON.parse(read)).toMatchObject(settings)
  })

  it.each([
    ['/m/ocr', 'ocr'],
    ['/m/My Model_2', 'my-model-2'],
    ['/m/2fast', 'model-2fast'],
    ['/m/Ünïcode', 'u-ni-code'],
    ['/m/日本', 'model'],
    ['/', 'model'],
    [`/m/${'a'.repeat(80)}`, 'a'.repeat(63)],
  ])('names the model of %s %s', (path, name) => {
    expect(modelNameOf(path)).toBe(name)
    expect(pythonSettingsSchema.shape.manifest.shape.name.safeParse(modelNameOf(path)).success).toBe(true)
  })
})
