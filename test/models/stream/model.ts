/** Sends numbered chunks with progress; fails after some of them on request. */
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'stream',
  version: '1.0.0',
  input: z.object({
    chunks: z.int().min(0).default(3),
    pause_ms: z.number().min(0).default(0),
    chunk_chars: z.int().min(0).default(0).describe('How long a text each chunk carries.'),
    fail_after: z.int().min(1).optional().describe('Raises an error once so many chunks are sent.'),
  }),
  output: z.object({ chunks: z.int() }),
  streams: true,
  predict: async ({ chunks, pause_ms, chunk_chars, fail_after }, _model, ctx) => {
    for (let index = 0; index < chunks; index += 1) {
      await wait(pause_ms, undefined, { signal: ctx.signal })
      ctx.emit(chunk_chars > 0 ? { index, text: 'x'.repeat(chunk_chars) } : { index })
      ctx.progress((index + 1) / chunks, `chunk ${index + 1}`)
      ctx.log('info', `sent ${index}`)
      if (index + 1 === fail_after) throw new Error(`fails after ${fail_after}`)
    }
    return { chunks }
  },
})
