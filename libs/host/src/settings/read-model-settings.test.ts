import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checkKeys, ModelSettingsError, parseModelSettings, readModelSettings } from './read-model-settings.ts'

const faultsOf = (act: () => unknown): string[] => {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(ModelSettingsError)
    return (error as ModelSettingsError).faults
  }
  throw new Error('nothing was wrong')
}

describe('millrace.yaml', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-yaml-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('gives every key, with a plain number for a batch and text for every variable', () => {
    const text = `
name: ocr
version: "1.0"
convention: cog
ref: predict.py:Predictor
python: .venv
env: { HF_HOME: /models, OMP_NUM_THREADS: 4, FAST: true }
slots: [cuda:0, cpu]
timeout: 0.5
batch: 8
config: { threshold: 10 }
input: { type: object }
`
    expect(parseModelSettings(text)).toEqual({
      name: 'ocr',
      version: '1.0',
      convention: 'cog',
      ref: 'predict.py:Predictor',
      python: '.venv',
      env: { HF_HOME: '/models', OMP_NUM_THREADS: '4', FAST: 'true' },
      slots: ['cuda:0', 'cpu'],
      timeout: 0.5,
      batch: { max_size: 8, max_wait_ms: 0 },
      config: { threshold: 10 },
      input: { type: 'object' },
    })
    expect(parseModelSettings('batch: { max_size: 4, max_wait_ms: 5 }').batch).toEqual({ max_size: 4, max_wait_ms: 5 })
    expect(parseModelSettings('')).toEqual({})
  })

  it.each([
    ['nmae: x', 'millrace.yaml, line 1: nmae: there is no such key; did you mean name?'],
    ['name: ocr\n\nversion: 1.0', 'millrace.yaml, line 3: version: expected text; put it in quotes'],
    ['name: My Model', 'line 1: name: expected lower case letters'],
    ['# a\ntimeout: soon', 'line 2: timeout: expected number, received string'],
    ['convention: flask', 'line 1: convention: expected one of "ai_integration"|"deepaas"'],
    ['env:\n  A: 1\n  MILLRACE_API_KEY: x', 'line 3: env.MILLRACE_API_KEY: is a setting of Millrace itself'],
    ['env:\n  CUDA_VISIBLE_DEVICES: "1"', 'line 2: env.CUDA_VISIBLE_DEVICES: is set by the slot'],
    ['slots:\n  - cuda:0\n  - tpu', 'line 3: slots'],
    ['slots: 0', 'line 1: slots'],
    ['batch:\n  size: 3', 'line 1: batch'],
    ['name: [', 'line 1: no YAML'],
    ['name: a\nname: b', 'line 2: no YAML: Map keys must be unique'],
    ['- a', 'line 1: expected object, received array'],
  ])('%j is refused with the line, the key and what was expected', (text, message) => {
    expect(faultsOf(() => parseModelSettings(text)).join('\n')).toContain(message)
  })

  it('names all faults at once', () => {
    expect(faultsOf(() => parseModelSettings('nam: x\ntimeout: -1\nmax_attempts: 1.5'))).toHaveLength(3)
  })

  it('does not expand aliases without end', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, index) => {
        const before = 'abcdefg'[index] ?? ''
        return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(',')}]`
      }),
    ]
    expect(faultsOf(() => parseModelSettings(bomb.join('\n')))[0]).toContain('alias')
  })

  it('refuses what is too large to start a process with, also where aliases make it so', () => {
    const large = 'it is larger than 96 KB'
    expect(faultsOf(() => parseModelSettings(`config: { a: ${'x'.repeat(100_000)} }`))[0]).toContain(large)
    const aliased = `config: { a: &a ${'x'.repeat(2000)}, b: [${Array.from({ length: 90 }, () => '*a').join(',')}] }`
    expect(faultsOf(() => parseModelSettings(aliased))[0]).toContain(large)
  })

  it('takes an empty folder for one that says nothing, and tells of a file that cannot be read', async () => {
    expect(await readModelSettings(folder)).toEqual({})
    writeFileSync(join(folder, 'millrace.yaml'), 'name: here')
    expect(await readModelSettings(folder)).toEqual({ name: 'here' })
    mkdirSync(join(folder, 'odd/millrace.yaml'), { recursive: true })
    await expect(readModelSettings(join(folder, 'odd'))).rejects.toThrow('it cannot be read (EISDIR)')
  })

  it('refuses keys that mean nothing in the language of the model', () => {
    const settings = parseModelSettings('env: { A: b }\nslots: 2\nversion: "2"\nbatch: 4')
    expect(faultsOf(() => checkKeys(settings, 'node'))).toEqual([
      expect.stringContaining('version: is for Python models'),
      expect.stringContaining('batch: is for Python models'),
    ])
    checkKeys(settings, 'python')
    const options = parseModelSettings('node_options: [--max-old-space-size=64]')
    expect(faultsOf(() => checkKeys(options, 'python'))[0]).toContain('node_options: is for TypeScript models')
    checkKeys(options, 'node')
  })
})
