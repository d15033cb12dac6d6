/** Whoever goes on with batches in a process of the API. Made by startApi, over the parts that the app is made of, and by tests. */
import { SubmitHook } from '@millrace/hooks'
import type { BatchUpkeep } from '@millrace/queue'
import { createReviewSubmit } from '../hooks/review-submit.ts'
import type { ApiDeps } from '../http/api-deps.ts'
import { limitDeps } from '../http/limit-deps.ts'
import { withLimits } from '../http/limits/limit-parts.ts'
import { ModelCache } from '../models/model-cache.ts'
import { BatchRunner } from './batch-runner.ts'
import { EraseRows } from './erase-rows.ts'
import type { LookAhead } from './rows/left-rows.ts'
import type { RowFormats } from './rows/row-format.ts'

type RunnerParts = ApiDeps & { batches: BatchUpkeep; formats: RowFormats }

export interface BatchRunnerOptions {
  /** See BatchRunnerDeps. */
  everyMs?: number
  /** See SliceDeps. */
  lookAhead?: LookAhead
}

export function createBatchRunner(given: RunnerParts, { everyMs, lookAhead }: BatchRunnerOptions = {}): BatchRunner {
  const deps = withLimits(limitDeps(given))
  const { hooks, batches, formats } = given
  const { jobs, files, objects, webhooks, logger } = deps
  const submit = {
    ...deps,
    models: new ModelCache(deps.models, deps.steering, deps.awaitsModels),
    intake: given.jobs,
    review: hooks?.beforeSubmit && createReviewSubmit(new SubmitHook(hooks.beforeSubmit), logger),
    owesEnd: hooks?.afterEnd !== undefined,
  }
  return new BatchRunner({
    ...{ batches, formats, logger, everyMs, deliveries: webhooks.deliveries },
    slices: { batches, files, objects, submit, formats, lookAhead },
    results: { jobs, files, objects },
    cancels: { jobs, objects },
    drops: { files, objects },
    erasures: new EraseRows({ batches, files, objects, formats }),
  })
}
