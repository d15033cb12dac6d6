/** Gives back its texts after 40 ms and 2 ms for each: a device that takes many inputs in little more time than one. */
import { setTimeout as pause } from 'node:timers/promises'
import { defineModel } from '@millrace/model'
import { z } from 'zod'
import { BATCH_SIZE, callMs } from './call-time.ts'

export default defineModel({
  name: 'batch',
  version: '1.0.0',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  batch: { maxSize: BATCH_SIZE },
  predict: async (inputs) => {
    await pause(callMs(inputs.length))
    return inputs
  },
})
