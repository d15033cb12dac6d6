/** What does not compile in the worker: acting for the owner of a job. */
import { expect, it } from 'vitest'
import type { AttemptDeps } from '../attempt/attempt-deps.ts'
import type { SweeperDeps } from '../upkeep/sweeper.ts'
import type { WorkerDeps } from './worker-deps.ts'

/** Never called: the compiler is the test. */
export const unspeakable = (worker: WorkerDeps, attempt: AttemptDeps, sweeper: SweeperDeps): unknown[] => [
  // @ts-expect-error an owner's
  worker.attempts.rerun,
  // @ts-expect-error an owner's
  worker.upkeep.cancel,
  // @ts-expect-error the API's
  worker.attempts.submit,
  // @ts-expect-error the API's
  worker.registry.list,
  // @ts-expect-error an owner's
  attempt.store.cancel,
  // @ts-expect-error an attempt purges nothing
  attempt.records.purgeDue,
  // @ts-expect-error the sweeper purges no jobs
  sweeper.jobs.purged,
]

it('is held by the compiler', () => {
  expect(unspeakable).toBeTypeOf('function')
})
