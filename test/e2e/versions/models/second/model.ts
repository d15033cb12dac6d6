/** A version of a model whose versions take different inputs. Used by versions.test.ts. */
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'versioned',
  version: '2.0.0',
  input: z.strictObject({ b: z.string().default('x') }),
  output: z.string(),
  predict: async () => '2.0.0',
})
