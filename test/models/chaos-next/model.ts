/** The version of the chaos model that the other part of the workers has: it answers several jobs in one call. */
import { defineModel, type ModelContext } from '@millrace/model'
import { answerChaos, chaosParts } from '../chaos/chaos-model.ts'

export default defineModel({
  ...chaosParts('2.0.0'),
  batch: { maxSize: 4 },
  predict: (inputs, workerPid, contexts) =>
    Promise.all(
      inputs.map(async (input, i) => {
        const ctx = contexts[i] as ModelContext
        // One that was canceled fails alone.
        return answerChaos('2.0.0', input, { workerPid, ctx }).catch((error: Error) => error)
      }),
    ),
})
