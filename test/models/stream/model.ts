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
    die_after: z.int().min(1).optional().describe('Its process is killed once so many chunks are sent.'),
    hang_after: z.int().min(1).optional().describe('Deaf to a stop once so many chunks are sent.'),
    fail_after: z.int().min(1).optional().describe('Raises an error once so many chunks are sent.'),
  }),
  output: z.object({ chunks: z.int() }),
  streams: true,
  cancelGraceSeconds: 0.5,
  predict: async ({ chunks, pause_ms, chunk_chars, fail_after, die_after, hang_after }, _model, ctx) => {
    for (let index = 0; index < chunks; index += 1) {
      await wait(pause_ms, undefined, { signal: ctx.signal })
      ctx.emit(chunk_chars > 0 ? { index, text: 'x'.repeat(chunk_chars) } : { index })
      ctx.progress((index + 1) / chunks, `chunk ${index + 1}`)
      ctx.log('info', `sent ${index}`)
      if (index + 1 === die_after) process.kill(process.pid, 'SIGKILL')
      if (index + 1 === hang_after) {
        ctx.log('info', 'deaf')
        await new Promise(() => {})
      }
      if (index + 1 === fail_after) throw new Error(`fails after ${fail_after}`)
    }
    return { chunks }
  },
})
