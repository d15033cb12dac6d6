/** Says what the bytes of its file are, and gives them back. */
import { existsSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'files',
  version: '1.0.0',
  input: z.object({
    file: file(),
    marker_file: z.string().optional().describe('Fails as long as this file is missing.'),
  }),
  output: z.object({ sha256: z.string(), copy: file() }),
  predict: async ({ file: given, marker_file }, _model, ctx) => {
    if (marker_file && !existsSync(marker_file)) throw new Error('the marker is missing')
    const bytes = await given.bytes()
    const copy = await ctx.file('copy.bin', 'application/octet-stream', bytes)
    return { sha256: createHash('sha256').update(bytes).digest('hex'), copy }
  },
})
