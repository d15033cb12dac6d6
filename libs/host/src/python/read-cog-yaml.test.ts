import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { readCogYaml } from './read-cog-yaml.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function read(text: string, more: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-cog-'))
  folders.push(folder)
  for (const [name, content] of Object.entries({ 'cog.yaml': text, ...more }))
    writeFileSync(join(folder, name), content)
  return readCogYaml(folder)
}

it('is nothing without the file', () => {
  expect(readCogYaml('/nowhere')).toBeUndefined()
})

it.each([
  ['predict: "predict.py:Predictor"'],
  ["'predict': predict.py:Predictor   # a comment"],
  ['{predict: predict.py:Predictor}'],
  ['run: predict.py:Predictor'],
  ['build: {gpu: true}\npredict: >-\n  predict.py:Predictor\n'],
  ['x: &ref predict.py:Predictor\npredict: *ref\n'],
  ['"predict" : |\n  predict.py:Predictor\n'],
  ['---\npredict : predict.py:Predictor\n...\n'],
])('finds the predictor however YAML spells it: %j', (text) => {
  expect(read(text)?.settings).toMatchObject({ predict: 'predict.py:Predictor', fault: null })
})

it('gives training, concurrency and the variables of the environment', () => {
  const text = 'predict: a.py\ntrain: b.py:train\nconcurrency: {max: 8}\nenvironment:\n  - A=1\n  - B=x=y z\n  - "C="\n'
  expect(read(text)).toMatchObject({
    settings: { train: 'b.py:train', concurrency: 8, warnings: [] },
    environment: { A: '1', B: 'x=y z', C: '' },
  })
})

it('ignores how an image is built, and names what else has no effect', () => {
  const text =
    'build: {python_version: 3.12, run: [ls]}\nimage: r8.im/a/b\nmodel: a/b\nfancy: 1\nweights: [{name: w}]\nenvironment: ["PATH=/x", "CUDA_X=1", "REDIS_URL=x", "no"]\n'
  const { settings, environment } = read(text) ?? {}
  expect(environment).toEqual({})
  expect(settings?.warnings).toEqual([
    "cog.yaml: environment: PATH is not the model's to set",
    "cog.yaml: environment: CUDA_X is not the model's to set",
    "cog.yaml: environment: REDIS_URL is not the model's to set",
    'cog.yaml: environment: expected NAME=value',
    'cog.yaml: weights are not fetched; put them where the model looks for them',
    'cog.yaml: image and model changes nothing here',
    'cog.yaml: fancy is not known',
  ])
})

it.each([
  ['build: {sdk_version: "0.16.12"}', {}, '0.16.12'],
  ['build: {python_packages: ["torch==2.1", "cog==0.9.4"]}', {}, '0.9.4'],
  ['build: {python_requirements: req.txt}', { 'req.txt': 'numpy\ncog == 0.11.6  # pinned\n' }, '0.11.6'],
  ['build: {python_packages: ["cogs==1.0"]}', {}, null],
])('finds the version of the package that is pinned: %s', (text, more, sdk) => {
  expect(read(text, more)?.settings.sdk).toBe(sdk)
})

it.each([
  ['predict: [', 'no YAML'],
  ['predict: 5', 'predict: expected text'],
  ['predict: a.py\nrun: b.py', 'both run and predict'],
  ['concurrency: {max: 0}', 'concurrency: max'],
  ['just text', 'expected object'],
])('tells why it cannot be used: %j', (text, why) => {
  expect(read(text)?.settings.fault).toMatch(`cog.yaml: `)
  expect(read(text)?.settings.fault).toContain(why)
})
