/** The version of a model that works. Used by canary.test.ts. */
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'steered',
  version: '1.4.0',
  input: z.strictObject({ n: z.number() }),
  output: z.string(),
  predict: async () => '1.4.0',
})
