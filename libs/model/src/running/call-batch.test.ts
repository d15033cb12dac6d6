import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineModel } from '../define-model.ts'
import { manifestOf } from '../manifest-of.ts'
import { InvalidOutputError, ModelError } from '../model-errors.ts'
import { runModel } from './run-model.ts'

const lengths = defineModel({
  name: 'lengths',
  version: '1',
  input: z.object({ text: z.string(), mode: z.enum(['plain', 'fail', 'few', 'single']).default('plain') }),
  output: z.object({ chars: z.int() }),
  batch: { maxSize: 8, maxWaitMs: 5 },
  setup: () => ({ bonus: 1 }),
  predict: (inputs, { bonus }, contexts) => {
    if (inputs[0]?.mode === 'few') return []
    if (inputs[0]?.mode === 'single') return { chars: 1 } as never
    return inputs.map(({ text, mode }, i) => {
      contexts[i]?.log('info', text)
      return mode === 'fail' ? new ModelError('no', { text }) : { chars: text.length + bonus }
    })
  },
})

describe('a model that answers several runs in one call', () => {
  it('is run alone with lists of one', async () => {
    expect(await runModel(lengths, { text: 'abc' })).toMatchObject({
      output: { chars: 4 },
      logs: [{ level: 'info', message: 'abc' }],
    })
  })

  it('fails a run by an error in its place, and when it does not give as many outputs as it has inputs', async () => {
    await expect(runModel(lengths, { text: 'a', mode: 'fail' })).rejects.toThrow(ModelError)
    for (const mode of ['few', 'single'] as const) {
      await expect(runModel(lengths, { text: 'a', mode })).rejects.toThrow(InvalidOutputError)
    }
  })

  it('says in its manifest how many go together, and has one call at a time', () => {
    expect(manifestOf(lengths).batch).toEqual({ max_size: 8, max_wait_ms: 5 })
    expect(() => manifestOf({ ...lengths, concurrency: 2 })).toThrow('both `batch` and `concurrency`')
    expect(() => manifestOf({ ...lengths, batch: { maxSize: 0 } })).toThrow(/max_size/)
  })
})
