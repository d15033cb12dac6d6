/** Fails on the second device in the ways in which a broken one shows, and says on which it ran. */
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'sick-device',
  version: '1.0.0',
  input: z.object({ n: z.number() }),
  output: z.object({ device: z.string() }),
  examples: [{ input: { n: 1 } }],
  predict: async ({ n }) => {
    const device = process.env.CUDA_VISIBLE_DEVICES ?? ''
    if (device === '1') {
      if (n % 3 === 0) process.exit(1)
      throw new Error(n % 3 === 1 ? 'CUDA out of memory' : 'CUDA error: an illegal memory access was encountered')
    }
    return { device }
  },
})
