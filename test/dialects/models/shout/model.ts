/** Says a text loudly, in pieces, as a list or as a file; slowly or not at all when asked. For the clients of all dialects. */
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'shout',
  version: '1.0.0',
  description: 'Says a text loudly.',
  input: z.object({
    text: z.string().default('hi').describe('What to say.'),
    file: file().optional().describe('Said in place of the text.'),
    as: z.enum(['text', 'list', 'file']).default('text').describe('What the output is.'),
    fail: z.boolean().default(false).describe('Raises an error.'),
    pause_ms: z.number().min(0).max(600_000).default(0).describe('How long to take for each letter.'),
  }),
  output: z.union([z.string(), z.array(z.string()), file('text/plain')]),
  streams: true,
  cancelGraceSeconds: 0.5,
  examples: [{ name: 'A greeting', input: { text: 'hello' } }],
  predict: async ({ text, file: given, as, fail, pause_ms }, _model, ctx) => {
    const said = (given ? Buffer.from(await given.bytes()).toString() : text).toUpperCase()
    for (const [i, letter] of said.split('').entries()) {
      if (pause_ms > 0) await wait(pause_ms, undefined, { signal: ctx.signal })
      ctx.emit(letter)
      ctx.progress((i + 1) / said.length)
    }
    ctx.log('info', `said ${said.length} letters`)
    if (fail) throw new Error('model said no')
    if (as === 'list') return said.split('')
    return as === 'file' ? ctx.file('said.txt', 'text/plain', said) : said
  },
  training: {
    input: z.object({ voice: z.string().default('loud') }),
    output: z.object({ weights: file('application/octet-stream') }),
    timeoutSeconds: 600,
    train: async ({ voice }, _model, ctx) => ({
      weights: await ctx.file('weights.bin', 'application/octet-stream', voice),
    }),
  },
})
