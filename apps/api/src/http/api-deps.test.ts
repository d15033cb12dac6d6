/** What does not compile in the API: doing the work of an attempt, and reading on nobody's behalf. */
import type { JobId } from '@millrace/contracts'
import { expect, it } from 'vitest'
import type { JobRouteDeps } from '../jobs/job-context.ts'
import type { ApiDeps } from './api-deps.ts'

const ID: JobId = `job_${'a'.repeat(34)}`

/** Never called: the compiler is the test. */
export const unspeakable = ({ jobs, models }: ApiDeps, reading: JobRouteDeps): unknown[] => [
  // @ts-expect-error an attempt's
  jobs.claim,
  // @ts-expect-error an attempt's
  jobs.succeed,
  // @ts-expect-error a worker's
  models.publish,
  // @ts-expect-error a read says on whose behalf
  jobs.get(ID),
  // @ts-expect-error a route that reads changes nothing
  reading.jobs.purge,
  // @ts-expect-error a route that reads submits nothing
  reading.jobs.submit,
]

it('is held by the compiler', () => {
  expect(unspeakable).toBeTypeOf('function')
})
