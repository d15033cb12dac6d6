import { type ManifestInput, manifestSchema, ProblemError } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { OPENAI_ROWS } from '../openai-rows.ts'
import { embeddingTask } from './embedding-task.ts'
import { imageTask } from './image-task.ts'
import { transcriptionTask } from './transcription-task.ts'

const model = (properties: object | undefined, more: Partial<ManifestInput> = {}) =>
  manifestSchema.parse({
    ...{ name: 'm', version: '1', output_schema: {} },
    input_schema: { type: 'object', ...(properties && { properties }) },
    ...more,
  })
const list = { type: 'array', items: { type: 'string' } }
const text = { type: 'string' }
const faultOf = (run: () => unknown) => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return error.options.errors?.map(({ path }) => path)
  }
}
const embed = (body: object, properties?: object) =>
  faultOf(() => embeddingTask.inputOf({ model: 'm', ...body }, model(properties)))
const paint = (body: object, properties?: object) =>
  faultOf(() => imageTask.inputOf({ model: 'm', prompt: 'x', ...body }, model(properties)))

it('gives texts to a model as it takes them', () => {
  expect(embed({ input: 'a' }, { texts: list })).toEqual({ texts: ['a'] })
  expect(embed({ input: ['a', 'b'] }, { input: { anyOf: [text, list] } })).toEqual({ input: ['a', 'b'] })
  expect(embed({ input: ['a'] }, { text })).toEqual({ text: 'a' })
  expect(embed({ input: ['a', 'b'] }, { text })).toEqual(['/input'])
  // A model of any input, as some Python models are.
  expect(embed({ input: 'a' })).toEqual({ input: ['a'] })
  for (const input of [[], [1, 2], [[1], [2]], 7, null, undefined, ['a', 1]]) {
    expect(embed({ input }, { texts: list })).toEqual(['/input'])
  }
})

it('passes parameters on, leaves out hints that a model does not take, and refuses what it could not keep to', () => {
  const properties = { texts: list, dim: { type: 'integer' }, user: text }
  expect(embed({ input: 'a', dimensions: 3, user: 'u', seed: 7, more: null }, properties)).toEqual({
    ...{ texts: ['a'], dim: 3, user: 'u', seed: 7 },
  })
  expect(embed({ input: 'a', user: 'u' }, { texts: list })).toEqual({ texts: ['a'] })
  expect(embed({ input: 'a', dimensions: 3 }, { texts: list })).toEqual(['/dimensions'])
})

it('asks for as many pictures of a size as the model can be told', () => {
  const sides = { prompt: text, width: { type: 'integer' }, height: { type: 'integer' } }
  expect(paint({ size: '256x512', quality: 'high' }, sides)).toEqual({ prompt: 'x', width: 256, height: 512 })
  expect(paint({ size: '256x512' }, { prompt: text, size: text })).toEqual({ prompt: 'x', size: '256x512' })
  expect(paint({ size: '256x512' }, { prompt: text })).toEqual(['/size'])
  expect(paint({ size: 'auto', n: 1, background: 'auto' }, { prompt: text })).toEqual({ prompt: 'x' })
  expect(paint({ n: 2 }, { prompt: text })).toEqual(['/n'])
  expect(paint({ n: 2 }, { text, num_images: { type: 'integer' } })).toEqual({ text: 'x', num_images: 2 })
  expect(paint({ prompt: undefined }, { prompt: text })).toEqual(['/prompt'])
})

it('refuses forms of answers that it does not have, and streams', () => {
  expect(faultOf(() => embeddingTask.formOf({ input: 'a', encoding_format: 'int8' }))).toEqual(['/encoding_format'])
  expect(faultOf(() => transcriptionTask.formOf({ response_format: 'srt' }))).toEqual(['/response_format'])
  expect(faultOf(() => transcriptionTask.formOf({ stream: 'true' }))).toEqual(['/stream'])
  expect(faultOf(() => imageTask.formOf({ stream: true }))).toEqual(['/stream'])
  const wordy = { type: 'object', properties: { text, segments: list } }
  const tell = (output_schema: object) =>
    faultOf(() =>
      transcriptionTask.inputOf(
        { model: 'm', file: 'f', response_format: 'verbose_json' },
        model({ audio: text }, { output_schema: output_schema as ManifestInput['output_schema'] }),
      ),
    )
  expect(tell(wordy)).toEqual({ audio: 'f' })
  expect(tell(text)).toEqual(['/response_format'])
})

it('finds in a row what is wrong with it', () => {
  const read = (row: unknown) => faultOf(() => OPENAI_ROWS.read(Buffer.from(JSON.stringify(row))))
  const row = { custom_id: 'a', method: 'POST', url: '/v1/embeddings', body: { model: 'm', input: 'a' } }
  expect(read(row)).toMatchObject({
    customId: 'a',
    model: 'm',
    fields: { priority: 'low' },
    told: '/embeddings float 1',
  })
  expect(read({ ...row, url: '/openai/v1/embeddings' })).toMatchObject({ model: 'm' })
  expect(read({ ...row, custom_id: undefined })).toEqual(['/custom_id'])
  expect(read({ ...row, method: 'GET' })).toEqual(['/method'])
  expect(read({ ...row, url: '/v1/chat/completions' })).toEqual(['/url'])
  expect(read({ ...row, body: { input: 'a' } })).toEqual(['/body/model'])
  expect(read({ ...row, body: { model: 'm', input: [1] } })).toEqual(['/body/input'])
  const native = { ...row, url: '/v1/models/echo/jobs', body: { input: { n: 1 }, priority: 'high' } }
  expect(read(native)).toMatchObject({ customId: 'a', model: 'echo', input: { n: 1 }, fields: { priority: 'high' } })
  expect(read({ ...native, body: { input: {}, more: 1 } })).toEqual(['/body/more'])
  const picture = { ...row, url: '/v1/images/generations', body: { model: 'm', prompt: 'x' } }
  expect(read({ ...picture, body: { ...picture.body, response_format: 'b64_json' } })).toEqual([
    '/body/response_format',
  ])
})
