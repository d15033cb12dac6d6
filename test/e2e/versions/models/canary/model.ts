/** The version of a model that fails every fifth job. Used by canary.test.ts. */
import { defineModel } from '@millrace/model'
import { z } from 'zod'

let runs = 0

export default defineModel({
  name: 'steered',
  version: '1.5.0',
  input: z.strictObject({ n: z.number() }),
  output: z.string(),
  predict: async () => {
    if (++runs % 5 === 0) throw new Error('the fifth again')
    return '1.5.0'
  },
})
