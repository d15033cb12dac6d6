import { manifestSchema } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { JOB_TOOLS } from './job-tools.ts'
import { toolsOf, wishOf } from './model-tools.ts'

const manifest = manifestSchema.parse({
  ...{ name: 'ocr', version: '1', description: 'Reads a page.', output_schema: {} },
  input_schema: {
    type: 'object',
    properties: { token: { type: 'string', format: 'password', default: 'hunter2' }, text: { type: 'string' } },
  },
  training: { input_schema: { type: 'object', properties: { epochs: { type: 'integer' } } }, output_schema: {} },
})

it('makes a tool of a model, and one more of its training', () => {
  const tools = toolsOf(manifest)
  expect(tools.map(({ name }) => name)).toEqual(['ocr', 'train_ocr'])
  expect(tools[0]?.description).toMatch(/^Reads a page\.\n.*wait_for_job/)
  expect(tools[1]?.inputSchema.properties).toHaveProperty('epochs')
  expect(tools.map(({ name }) => wishOf(name))).toEqual([
    { model: 'ocr', kind: 'prediction' },
    { model: 'ocr', kind: 'training' },
  ])
})

it('shows no default of a secret', () => {
  expect(JSON.stringify(toolsOf(manifest))).not.toContain('hunter2')
})

it('makes the tools of a manifest once', () => {
  expect(toolsOf(manifest)).toBe(toolsOf(manifest))
})

it('has names that every host takes, and no tool for jobs has that of a model', () => {
  const longest = manifestSchema.parse({ ...manifest, name: `m${'-'.repeat(62)}` })
  const names = [...JOB_TOOLS, ...toolsOf(longest)].map(({ name }) => name)
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_.-]{1,128}$/)
  for (const { name } of JOB_TOOLS) expect(manifestSchema.shape.name.safeParse(name).success).toBe(false)
})
