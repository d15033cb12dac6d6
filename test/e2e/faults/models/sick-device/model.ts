/** Fails on the second device, as a framework does whose device is broken, and says on which it ran. */
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'sick-device',
  version: '1.0.0',
  input: z.object({ n: z.number() }),
  output: z.object({ device: z.string() }),
  examples: [{ input: { n: 1 } }],
  predict: async () => {
    const device = process.env.CUDA_VISIBLE_DEVICES ?? ''
    if (device === '1') throw new Error('CUDA error: an illegal memory access was encountered')
    return { device }
  },
})
