/** Does not end by itself, in three ways; says its process id first. */
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'hang',
  version: '1.0.0',
  input: z.object({
    mode: z.enum(['block', 'never', 'polite', 'ignore-term']),
    seconds: z.number().default(3600).describe('How long `block` and `ignore-term` take.'),
  }),
  output: z.object({ pid: z.int() }),
  cancelGraceSeconds: 0.3,
  predict: async ({ mode, seconds }, _model, ctx) => {
    if (mode === 'ignore-term') process.on('SIGTERM', () => {})
    ctx.progress(0.5, `pid ${process.pid}`)
    const until = Date.now() + seconds * 1000
    // Blocks the main loop: no signal, no message and no heartbeat gets through.
    if (mode === 'block' || mode === 'ignore-term') while (Date.now() < until);
    if (mode === 'never') await new Promise(() => {})
    if (mode === 'polite')
      await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))
    return { pid: process.pid }
  },
})
