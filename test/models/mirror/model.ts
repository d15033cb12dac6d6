/** Gives back what it is told to: texts, pictures, files of any type, errors, log lines. Shows the web page what a stranger's model may do. */
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'mirror',
  version: '1.0.0',
  description: '<img src=x onerror="globalThis.ran=1"> gives back <script>globalThis.ran=1</script> what it is given.',
  input: z.object({
    text: z.string().describe('What to give back. <b onclick=ran()>bold</b>'),
    seed: z.int().optional().describe('A number whose digits must stay.'),
    mode: z.enum(['text', 'file', 'fail', 'table']).default('text'),
    type: z.string().max(80).default('image/png').describe('Of the file that it gives back.'),
    picture: file('image/*').optional(),
    pages: z.array(file('image/*')).max(3).default([]),
    token: z.string().meta({ format: 'password' }).optional(),
    box: z.object({ label: z.string().min(2), size: z.int().optional() }).optional(),
    either: z.union([z.int(), z.string().min(3)]).optional(),
    seconds: z.number().min(0).max(60).default(0),
  }),
  output: z.unknown(),
  streams: true,
  predict: async ({ text, mode, type, picture, seconds, seed, token }, _model, ctx) => {
    ctx.log('info', text)
    ctx.emit(text)
    if (token !== undefined) ctx.log('info', `a token of ${token.length} characters`)
    for (let at = 0; at < seconds * 10; at++) {
      ctx.progress(at / (seconds * 10), text.slice(0, 50))
      await wait(100, undefined, { signal: ctx.signal })
    }
    if (mode === 'fail') throw new Error(text)
    if (mode === 'table') return [{ [text]: text, size: seed ?? 1 }]
    if (mode === 'text') return { text, [text.slice(0, 40)]: [text, { [text]: null }], seed: seed ?? null }
    const bytes = picture === undefined ? Buffer.from(text) : await picture.bytes()
    return { picture: await ctx.file('mirrored.png', type, bytes) }
  },
})
