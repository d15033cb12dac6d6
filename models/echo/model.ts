/** Gives back what it gets, after a while and with a file of any size when asked: to try Millrace without a real model. */
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

const GIB = 1024 ** 3
const BLOCK = Buffer.from(Array.from({ length: 64 * 1024 }, (_, index) => index % 251))

export default defineModel({
  name: 'echo',
  version: '1.0.0',
  description: 'Gives back the message, after a delay and with a file of a given size if wanted.',
  input: z.object({
    message: z.string().describe('What to give back.'),
    delay_seconds: z.number().min(0).max(3600).default(0).describe('How long to take.'),
    size_bytes: z.int().min(0).max(GIB).default(0).describe('Size of the file to make; 0 makes none.'),
  }),
  output: z.object({ message: z.string(), file: file('application/octet-stream').nullable() }),
  examples: [
    { name: 'A greeting', input: { message: 'hello' } },
    { name: 'Five seconds with progress', input: { message: 'that took a while', delay_seconds: 5 } },
    { name: 'A file of a megabyte', input: { message: 'with a file', size_bytes: 1_000_000 } },
  ],
  timeoutSeconds: 2 * 3600,
  predict: async ({ message, delay_seconds, size_bytes }, _model, ctx) => {
    const started = Date.now()
    for (let left = delay_seconds * 1000; left > 0; left = delay_seconds * 1000 - (Date.now() - started)) {
      await wait(Math.min(left, 250), undefined, { signal: ctx.signal })
      ctx.progress((Date.now() - started) / (delay_seconds * 1000))
    }
    if (size_bytes === 0) return { message, file: null }
    return { message, file: await ctx.file('echo.bin', 'application/octet-stream', Readable.from(blocks(size_bytes))) }
  },
})

/** The same bytes every time: 0 to 250, over and over within each block. */
function* blocks(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= BLOCK.length) yield BLOCK.subarray(0, left)
}
