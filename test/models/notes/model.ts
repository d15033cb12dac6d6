/** Adds notes for programs to a result or an error, small ones and one that is too large. */
import { defineModel, ModelError } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'notes',
  version: '1.0.0',
  input: z.object({
    mode: z.enum(['metrics', 'large-metrics', 'details', 'large-details', 'odd-metrics', 'odd-details']),
  }),
  output: z.object({ value: z.string() }),
  predict: ({ mode }, _model, ctx) => {
    const large = 'x'.repeat(8 * 1024)
    if (mode === 'details') throw new ModelError('out of quota', { status: 429, left: [0, 1] })
    if (mode === 'large-details') throw new ModelError('out of quota', { large })
    if (mode === 'odd-details') throw new ModelError('out of quota', { loss: Number.NaN })
    if (mode === 'odd-metrics') ctx.metric('loss', Number.NaN)
    ctx.metric('pages', 7)
    ctx.metric('languages', ['eng', 'deu'])
    if (mode === 'large-metrics') ctx.metric('large', large)
    return { value: 'noted' }
  },
})
