/** Makes a vector of each text, so that one can see which; slowly or not at all when asked. For the clients of OpenAI. */
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'embed',
  version: '1.0.0',
  task: 'embedding',
  input: z.object({
    texts: z.array(z.string()).describe('What to embed.'),
    dimensions: z.int().min(1).max(8).default(2),
    pause_ms: z.number().min(0).max(600_000).default(0).describe('How long to take.'),
    fail: z.boolean().default(false).describe('Raises an error.'),
  }),
  output: z.object({ embeddings: z.array(z.array(z.number())), usage: z.object({ prompt_tokens: z.int() }) }),
  cancelGraceSeconds: 0.5,
  concurrency: 8,
  predict: async ({ texts, dimensions, pause_ms, fail }, _model, ctx) => {
    if (pause_ms > 0) await wait(pause_ms, undefined, { signal: ctx.signal })
    if (fail) throw new Error('model said no')
    const embeddings = texts.map((text) => Array.from({ length: dimensions }, (_, i) => text.length / 2 ** (i + 1)))
    return { embeddings, usage: { prompt_tokens: texts.length } }
  },
})
