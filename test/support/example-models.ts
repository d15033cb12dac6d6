/**
 * Makes a models folder as its author would: the example models, unmodified, each with at most a few lines of settings. Used
 * by tests of Python conventions.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PYTHON = fileURLToPath(new URL('../python', import.meta.url))

interface Example {
  /** Files or folders in test/python. Of a folder its content is copied. */
  from: string[]
  settings?: string
}

const predictor = (name: string): Example => ({
  from: ['examples/ai_inference_service'],
  settings: `ref: custom_model.py:${name}`,
})

/** By folder name. Anything that is not stated here is found out by Millrace. */
const EXAMPLES: Record<string, Example> = {
  'loop-multi': { from: ['examples/ai_integration'], settings: 'ref: loop_multi.py' },
  'shim-legacy': { from: ['examples/ai_integration'], settings: 'ref: shim_legacy.py' },
  'demo-mod': { from: ['examples/deepaas/demo_mod'] },
  once: { from: ['examples/aiges/once'] },
  'once-unwell': { from: ['examples/aiges/once'], settings: 'config: { fail_init: 1 }' },
  'seed-style': { from: ['examples/aiges/seed_style'], settings: 'config: { secret: for-tests-only }' },
  talk: { from: ['aiges/wrappers/talk.py'], settings: 'convention: aiges\nref: talk.py' },
  image: { from: ['examples/cog'] },
  stream: { from: ['examples/cog'], settings: 'ref: predict_stream.py:Predictor' },
  dummy: predictor('DummyModel'),
  custom: predictor('CustomModel'),
  threshold: { ...predictor('CustomModel'), settings: 'ref: custom_model.py:CustomModel\nconfig: { threshold: 100 }' },
  numbers: predictor('NumpyModel'),
  broken: predictor('BrokenModel'),
}

/** The examples that can be loaded. */
export const LOADABLE_EXAMPLES = Object.keys(EXAMPLES).filter((name) => name !== 'once-unwell')

/** Makes the folder. `more` adds models, by folder and file name; `only`: these of the examples. `delete` removes the folder. */
export function makeExampleModels(more: Record<string, Record<string, string>> = {}, only = Object.keys(EXAMPLES)) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-examples-'))
  for (const [name, { from, settings }] of Object.entries(EXAMPLES).filter(([name]) => only.includes(name))) {
    const model = join(folder, name)
    mkdirSync(model)
    for (const path of from) {
      const target = path.endsWith('.py') ? join(model, path.split('/').at(-1) ?? '') : model
      cpSync(join(PYTHON, path), target, { recursive: true, filter: (file) => !file.includes('__pycache__') })
    }
    if (settings !== undefined) writeFileSync(join(model, 'millrace.yaml'), `${settings}\n`)
  }
  for (const [name, files] of Object.entries(more)) {
    mkdirSync(join(folder, name))
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name, file)), { recursive: true })
      writeFileSync(join(folder, name, file), text)
    }
  }
  return { folder, delete: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) }
}
