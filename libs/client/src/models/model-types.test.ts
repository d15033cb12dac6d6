import type { FileView, Job } from '@millrace/contracts'
import { defineModel, file } from '@millrace/model'
import { expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Client } from '../client.ts'
import type { InputOf, OutputOf } from './model-types.ts'
import { fileAt, type FileInput } from '../files/upload.ts'

const ocr = defineModel({
  name: 'ocr',
  version: '1',
  input: z.object({
    image: file('image/*'),
    pages: z.array(file()).optional(),
    lang: z.enum(['eng', 'deu']).default('eng'),
  }),
  output: z.object({ text: z.string(), pdf: file('application/pdf').nullable() }),
  setup: () => ({ engine: 1 }),
  predict: () => ({ text: '', pdf: null }),
  training: {
    input: z.object({ pages: file('application/zip'), epochs: z.int().default(3) }),
    output: z.object({ weights: file() }),
    train: async (_input, _loaded, ctx) => ({ weights: await ctx.file('w', 'application/octet-stream', 'w') }),
  },
})

it('gives a call the types of its model, with files in the terms of a client', () => {
  expectTypeOf<InputOf<typeof ocr>>().toEqualTypeOf<{
    image: FileInput
    pages?: FileInput[] | undefined
    lang?: 'eng' | 'deu' | undefined
  }>()
  expectTypeOf<OutputOf<typeof ocr>>().toEqualTypeOf<{ text: string; pdf: FileView | null }>()
})

it('refuses a wrong input when it is compiled, by the model or by its type alone, and takes any by name', () => {
  const calls = async (client: Client): Promise<void> => {
    const { output } = await client.run(ocr, { image: fileAt('scan.png') })
    expectTypeOf(output.pdf).toEqualTypeOf<FileView | null>()
    const again = await client.run<typeof ocr>('ocr', { image: new Blob(['x']), lang: 'deu' })
    expectTypeOf(again.output.text).toEqualTypeOf<string>()
    // @ts-expect-error there is no such language
    await client.submit(ocr, { image: new Blob(['x']), lang: 'fra' })
    // @ts-expect-error there is no such key
    await client.submit(ocr, { image: new Blob(['x']), langauge: 'eng' })
    for await (const event of client.events('job_1')) {
      if (event.type === 'log') expectTypeOf(event.message).toEqualTypeOf<string>()
      if (event.type === 'done') expectTypeOf(event.job).toEqualTypeOf<Job>()
      // @ts-expect-error only some events have one
      void event.fraction
    }
    // @ts-expect-error the image is missing
    await client.submit<typeof ocr>('ocr', {})
    const trained = await client.run(ocr, { pages: new Blob(['x']) }, { kind: 'training' })
    expectTypeOf(trained.output.weights).toEqualTypeOf<FileView>()
    // @ts-expect-error that is the input of a prediction
    await client.submit(ocr, { image: new Blob(['x']) }, { kind: 'training' })
    const untrained = await client.run('anything', { goes: 1 }, { kind: 'training' })
    expectTypeOf(untrained.output).toBeAny()
    const untyped = await client.run('anything', { goes: 1 })
    expectTypeOf(untyped.output).toBeAny()
  }
  expectTypeOf(calls).toBeFunction()
})
