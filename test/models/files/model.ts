/** Says what the bytes of its file are, and gives them back, as often as it is asked to. */
import { existsSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { defineModel, file } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'files',
  version: '1.0.0',
  input: z.object({
    file: file(),
    more: z.number().default(0).describe('Further files in the output.'),
    marker_file: z.string().optional().describe('Fails as long as this file is missing.'),
  }),
  output: z.object({ sha256: z.string(), copy: file(), more: z.array(file()).optional() }),
  predict: async ({ file: given, more, marker_file }, _model, ctx) => {
    if (marker_file && !existsSync(marker_file)) throw new Error('the marker is missing')
    const bytes = await given.bytes()
    const copy = await ctx.file('copy.bin', 'application/octet-stream', bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    if (more === 0) return { sha256, copy }
    const further = Array.from({ length: more }, (_, i) => ctx.file(`${i}.bin`, 'application/octet-stream', bytes))
    return { sha256, copy, more: await Promise.all(further) }
  },
})
