/** The version of the chaos model that a part of the workers has. */
import { defineModel } from '@millrace/model'
import { answerChaos, chaosParts } from './chaos-model.ts'

export default defineModel({
  ...chaosParts('1.0.0'),
  predict: (input, workerPid, ctx) => answerChaos('1.0.0', input, { workerPid, ctx }),
})
