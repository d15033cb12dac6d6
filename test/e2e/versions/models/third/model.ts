/** The version of a model that takes what the first one took, and has a default of its own. Used by move.test.ts. */
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'versioned',
  version: '3.0.0',
  input: z.strictObject({ a: z.string(), c: z.string().default('z') }),
  output: z.string(),
  predict: async ({ a, c }) => `3.0.0 ${a} ${c}`,
})
