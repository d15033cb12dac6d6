import { expect, it } from 'vitest'
import { aRecord } from '../../../../test/support/a-record.ts'
import { openaiFailure, openaiRefusal, toEmbeddings, toTranscription } from '../index.ts'

const embeddings = (output: unknown, count = 2, format: 'float' | 'base64' = 'float') => {
  const told = toEmbeddings({ output, model: 'm', count, format })
  return (told?.data as { embedding: unknown }[] | undefined)?.map(({ embedding }) => embedding)
}

it.each([
  [
    [
      [1, 2],
      [3, 4],
    ],
  ],
  [
    {
      embeddings: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
  [{ data: [{ embedding: [1, 2] }, { embedding: [3, 4] }], usage: { prompt_tokens: 7 } }],
  [
    {
      prediction: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
])('takes vectors as models give them: %j', (output) => {
  expect(embeddings(output)).toEqual([
    [1, 2],
    [3, 4],
  ])
})

it('packs vectors as 32-bit floats, and tells the tokens that the model counted', () => {
  expect(embeddings([0.5, 0.25], 1, 'base64')).toEqual(['AAAAPwAAgD4='])
  const told = toEmbeddings({
    output: { embedding: [1], usage: { prompt_tokens: 7 } },
    model: 'm',
    count: 1,
    format: 'float',
  })
  expect(told).toMatchObject({ object: 'list', model: 'm', usage: { prompt_tokens: 7, total_tokens: 7 } })
})

it.each([
  [[[1, 2]]],
  [
    [
      [1, 2],
      ['a', 'b'],
    ],
  ],
  [[[], []]],
  ['text'],
  [null],
  [{}],
])('takes nothing else for embeddings of two texts: %j', (output) => {
  expect(embeddings(output)).toBeUndefined()
})

it('tells of a transcription what was asked for, as far as the model gives it', () => {
  const said = { text: 'hi', language: 'en', segments: [{ start: 0, end: 1, text: 'hi' }], noise: 3 }
  expect(toTranscription('hi', 'json')).toEqual({ text: 'hi' })
  expect(toTranscription(said, 'json')).toEqual({ text: 'hi' })
  expect(toTranscription(said, 'text')).toBe('hi')
  const { noise: _, ...told } = said
  expect(toTranscription(said, 'verbose_json')).toEqual({ task: 'transcribe', ...told })
  expect(toTranscription({ words: [] }, 'json')).toBeUndefined()
})

it('names what is wrong by the parameter, whoever found it', () => {
  const refused = (path: string) =>
    openaiRefusal({
      ...{ code: 'invalid_input', status: 422, title: 'It does not fit', detail: 'Correct it.' },
      errors: [{ path, code: 'type', message: 'expected a number' }],
    })
  expect(refused('/input/texts/0')).toEqual({
    status: 400,
    body: {
      error: {
        ...{ message: 'It does not fit: texts[0] expected a number', type: 'invalid_request_error' },
        ...{ param: 'texts[0]', code: 'invalid_input' },
      },
    },
  })
  const params = ['/model', '/input', '', '/body/a~1b/c'].map((path) => refused(path).body.error.param)
  expect(params).toEqual(['model', 'input', null, 'body.a/b.c'])
})

it('tells how a job has failed by a status that says who is to blame', () => {
  const failed = (code: 'model_error' | 'invalid_input' | 'timeout') =>
    openaiFailure(aRecord({}, { status: 'failed', error: { code, message: 'no', retryable: true, attempt: 1 } }))
  expect([failed('model_error'), failed('invalid_input'), failed('timeout')].map(({ status }) => status)).toEqual([
    500, 400, 504,
  ])
  expect(openaiFailure(aRecord({}, { status: 'canceled' }))).toMatchObject({
    status: 409,
    body: { error: { code: 'job_canceled' } },
  })
})
