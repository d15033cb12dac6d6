/** Gives back its text after as long as it is told: work of a known length, for what a lost process leaves of it. */
import { setTimeout as pause } from 'node:timers/promises'
import { defineModel } from '@millrace/model'
import { z } from 'zod'

export default defineModel({
  name: 'pause',
  version: '1.0.0',
  input: z.object({ text: z.string(), ms: z.number().int() }),
  output: z.object({ text: z.string() }),
  predict: async ({ text, ms }) => {
    if (ms > 0) await pause(ms)
    return { text }
  },
})
