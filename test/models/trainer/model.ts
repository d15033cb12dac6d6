/** Can be trained: counts epochs, and gives a file that says how many. */
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'trainer',
  version: '1.0.0',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  predict: ({ text }) => ({ text }),
  training: {
    input: z.object({ epochs: z.int().min(1).max(100).default(3) }),
    output: z.object({ weights: file('application/octet-stream'), loss: z.number() }),
    timeoutSeconds: 7200,
    train: async ({ epochs }, _model, ctx) => {
      for (let epoch = 1; epoch <= epochs; epoch += 1) ctx.progress(epoch / epochs, `epoch ${epoch}`)
      ctx.metric('epochs', epochs)
      const weights = await ctx.file('weights.bin', 'application/octet-stream', `${epochs} epochs`)
      return { weights, loss: 1 / epochs }
    },
  },
})
