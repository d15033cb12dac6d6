/** The load generator's process: takes a plan by IPC, carries it out, answers with the result. Ends with its parent. */
import type { LoadPlan } from './load-plan.ts'
import { runLoad } from './run-load.ts'

process.on('message', (plan: LoadPlan) => {
  runLoad(plan).then(
    (result) => process.send?.({ result }),
    (error: Error) => process.send?.({ error: error.message }),
  )
})
process.on('disconnect', () => process.exit(0))
