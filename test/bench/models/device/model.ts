/** A device that is busy for as long as it is told, with a file in and a file out. Says when it began and ended. */
import { setTimeout as pause } from 'node:timers/promises'
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

const OUTPUT = Buffer.alloc(2 * 1024 * 1024, 'millrace')
const now = (): number => performance.timeOrigin + performance.now()

export default defineModel({
  name: 'device',
  version: '1.0.0',
  input: z.object({ file: file(), ms: z.number() }),
  output: z.object({ file: file(), began: z.number(), ended: z.number() }),
  predict: async ({ ms }, _model, ctx) => {
    const began = now()
    await pause(ms)
    const made = await ctx.file('out.bin', 'application/octet-stream', OUTPUT)
    return { file: made, began, ended: now() }
  },
})
