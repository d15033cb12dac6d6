/** Gives back its text, or its file's bytes in a new file. The same as relay-python. */
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'relay',
  version: '1.0.0',
  input: z.object({ text: z.string().default(''), file: file('*/*').optional() }),
  output: z.object({ text: z.string(), file: file('*/*').optional() }),
  predict: async ({ text, file: given }, _model, ctx) => {
    if (!given) return { text }
    return { text, file: await ctx.file('out.bin', 'application/octet-stream', await given.bytes()) }
  },
})
