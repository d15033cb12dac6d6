/** Sends numbered chunks with progress. */
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'stream',
  version: '1.0.0',
  input: z.object({ chunks: z.int().min(0).default(3), pause_ms: z.number().min(0).default(0) }),
  output: z.object({ chunks: z.int() }),
  streams: true,
  predict: async ({ chunks, pause_ms }, _model, ctx) => {
    for (let index = 0; index < chunks; index += 1) {
      await wait(pause_ms, undefined, { signal: ctx.signal })
      ctx.emit({ index })
      ctx.progress((index + 1) / chunks, `chunk ${index + 1}`)
      ctx.log('info', `sent ${index}`)
    }
    return { chunks }
  },
})
