/** Gives back its text at once: what is measured with it is the way there and back. */
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'noop',
  version: '1.0.0',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  predict: ({ text }) => ({ text }),
})
