import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineModel, modelOfModule } from './define-model.ts'
import { file } from './file.ts'
import type { ModelFile } from './model-file.ts'

describe('defineModel', () => {
  it('infers what predict takes and gives from the schemas, and the loaded model from setup', () => {
    const model = defineModel({
      name: 'ocr',
      version: '1.0.0',
      input: z.object({ image: file('image/*'), mask: file().nullable(), lang: z.enum(['eng', 'deu']).default('eng') }),
      output: z.object({ text: z.string(), score: z.number().optional() }),
      setup: async (ctx) => ({ engine: ctx.device.length }),
      predict: (input, loaded, ctx) => {
        expectTypeOf(input).toEqualTypeOf<{ image: ModelFile; mask: ModelFile | null; lang: 'eng' | 'deu' }>()
        expectTypeOf(loaded).toEqualTypeOf<{ engine: number }>()
        expectTypeOf(ctx.signal).toEqualTypeOf<AbortSignal>()
        return { text: input.lang }
      },
      teardown: (loaded) => void expectTypeOf(loaded).toEqualTypeOf<{ engine: number }>(),
    })
    expectTypeOf<Awaited<ReturnType<typeof model.predict>>>().toEqualTypeOf<{
      text: string
      score?: number | undefined
    }>()
    expect(model.name).toBe('ocr')
  })

  it('infers what train takes and gives from the schemas of the training', () => {
    const model = defineModel({
      name: 'm',
      version: '1',
      input: z.object({}),
      output: z.object({}),
      setup: () => 7,
      predict: () => ({}),
      training: {
        input: z.object({ epochs: z.int().default(1) }),
        output: z.object({ weights: file() }),
        train: async (input, loaded, ctx) => {
          expectTypeOf(input).toEqualTypeOf<{ epochs: number }>()
          expectTypeOf(loaded).toEqualTypeOf<number>()
          return { weights: await ctx.file('w', 'application/octet-stream', 'w') }
        },
      },
    })
    expect(model.training?.timeoutSeconds).toBeUndefined()
  })

  it('refuses a wrong answer when it is compiled, and knows a model without setup', () => {
    defineModel({
      name: 'wrong',
      version: '1',
      input: z.object({}),
      output: z.object({ count: z.number() }),
      // @ts-expect-error the output wants a number
      predict: (_input, loaded) => {
        expectTypeOf(loaded).toEqualTypeOf<undefined>()
        return { count: 'three' }
      },
    })
  })

  it('is what a module must have as its default export', () => {
    const model = defineModel({ name: 'm', version: '1', input: z.object({}), output: z.null(), predict: () => null })
    expect(modelOfModule({ default: model })).toBe(model)
    for (const other of [{}, { default: null }, { default: { ...model, predict: 1 }.name }, { default: () => model }]) {
      expect(() => modelOfModule(other)).toThrow('defineModel')
    }
  })
})
