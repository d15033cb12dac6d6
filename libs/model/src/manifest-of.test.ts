import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineModel } from './define-model.ts'
import { file } from './file.ts'
import { manifestOf } from './manifest-of.ts'

const model = defineModel({
  name: 'ocr',
  version: '1.2.0',
  input: z.object({
    image: file('image/*').describe('A scan.'),
    mask: file('image/png').nullable(),
    pages: z.array(file('image/png')).optional(),
    options: z.object({ lang: z.string().default('eng') }).prefault({}),
    free: z.looseObject({}).optional(),
  }),
  output: z.object({ pdf: file('application/pdf').nullable(), at: z.date().optional() }),
  timeoutSeconds: 30,
  predict: () => ({ pdf: null }),
})

describe('manifestOf', () => {
  const manifest = manifestOf(model)
  const input = manifest.input_schema as { properties: Record<string, unknown>; required: string[] }

  it('shows a file as a marked string in an input, and as a marked object in an output', () => {
    expect(input.properties.image).toEqual({
      type: 'string',
      format: 'file',
      contentMediaType: 'image/*',
      description: 'A scan.',
    })
    expect(input.properties.mask).toEqual({
      anyOf: [{ type: 'string', format: 'file', contentMediaType: 'image/png' }, { type: 'null' }],
    })
    expect(input.properties.pages).toMatchObject({ items: { type: 'string', format: 'file' } })
    expect(manifest.output_schema).toMatchObject({
      properties: { pdf: { anyOf: [{ type: 'object', format: 'file', contentMediaType: 'application/pdf' }, {}] } },
    })
  })

  it('leaves what has a default optional, and refuses unknown keys at every level but where the author allows them', () => {
    expect(input.required).toEqual(['image', 'mask'])
    expect(input).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      additionalProperties: false,
    })
    expect(input.properties.options).toMatchObject({
      additionalProperties: false,
      properties: { lang: { default: 'eng' } },
    })
    expect(input.properties.free).toMatchObject({ additionalProperties: {} })
  })

  it('carries the limits of the model, with defaults', () => {
    expect(manifest).toMatchObject({ timeout_seconds: 30, max_attempts: 1, cancel_grace_seconds: 10, streams: false })
  })

  it('says how the model is trained, how many runs one process takes, and what it does for other platforms', () => {
    expect(manifest).toMatchObject({ training: null, concurrency: 1 })
    const training = {
      input: z.object({ epochs: z.int() }),
      output: z.object({ loss: z.number() }),
      train: () => ({ loss: 0 }),
    }
    expect(manifestOf({ ...model, task: 'transcription', concurrency: 8, training })).toMatchObject({
      task: 'transcription',
      concurrency: 8,
      training: {
        input_schema: { properties: { epochs: { type: 'integer' } }, additionalProperties: false },
        output_schema: { properties: { loss: { type: 'number' } } },
        timeout_seconds: 86_400,
      },
    })
  })

  it('names what is wrong with a definition', () => {
    expect(() => manifestOf({ ...model, name: 'Not A Name' })).toThrow(/name/)
    expect(() => manifestOf({ ...model, maxAttempts: 0 })).toThrow(/max_attempts/)
  })
})
