/** Can be trained: counts epochs, goes on from its checkpoints, and gives a file that says how many epochs there were. */
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'trainer',
  version: '1.0.0',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  predict: ({ text }) => ({ text }),
  training: {
    input: z.object({
      epochs: z.int().min(1).max(100).default(3),
      pause_ms: z.int().min(0).max(10_000).default(0).describe('How long an epoch takes.'),
    }),
    output: z.object({ weights: file('application/octet-stream'), loss: z.number() }),
    timeoutSeconds: 7200,
    train: async ({ epochs, pause_ms }, _model, ctx) => {
      const { epoch: trained } = (ctx.resumed?.state ?? { epoch: 0 }) as { epoch: number }
      if (ctx.resumed) ctx.log('info', `goes on from ${await readFile(ctx.resumed.files['weights.bin'] ?? '', 'utf8')}`)
      for (let epoch = trained + 1; epoch <= epochs; epoch += 1) {
        if (pause_ms > 0) await wait(pause_ms, undefined, { signal: ctx.signal })
        ctx.progress(epoch / epochs, `epoch ${epoch}`)
        await ctx.checkpoint({ epoch }, { 'weights.bin': `${epoch} epochs` })
      }
      if (ctx.draining.aborted) ctx.log('info', 'its worker is about to stop')
      ctx.metric('epochs', epochs - trained)
      const weights = await ctx.file('weights.bin', 'application/octet-stream', `${epochs} epochs`)
      return { weights, loss: 1 / epochs }
    },
  },
})
