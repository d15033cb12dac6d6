/** What does not compile: a read that forgets on whose behalf it is, and a role that does another's work. */
import type { JobId, UploadId } from '@millrace/contracts'
import { expect, it } from 'vitest'
import type { Queue } from '../open-queue.ts'

const ID: JobId = `job_${'a'.repeat(34)}`
const FILE: UploadId = `file_${'a'.repeat(26)}`

/** Never called: the compiler is the test. */
export const unspeakable = ({ jobs, files, attempts, upkeep }: Queue): unknown[] => [
  // @ts-expect-error a read says on whose behalf
  jobs.get(ID),
  // @ts-expect-error a tenant that is not known is no tenant
  jobs.get(ID, { tenant: undefined }),
  // @ts-expect-error a read says on whose behalf
  jobs.snapshot(ID),
  // @ts-expect-error a read says on whose behalf
  jobs.eventPage(ID, { after: '', count: 1 }),
  // @ts-expect-error a list is one tenant's
  jobs.list({ limit: 1 }),
  // @ts-expect-error only its owner changes a job
  jobs.cancel(ID),
  // @ts-expect-error only its owner changes a job
  jobs.rerun(ID),
  // @ts-expect-error only its owner changes a job
  jobs.purge(ID),
  // @ts-expect-error a read says on whose behalf
  files.get(FILE),
  // @ts-expect-error who acts for a tenant claims nothing
  jobs.claim,
  // @ts-expect-error an attempt runs nothing again
  attempts.rerun,
  // @ts-expect-error an attempt reads no jobs
  attempts.get,
  // @ts-expect-error the platform's own work runs nothing again
  upkeep.rerun,
]

it('is held by the compiler', () => {
  expect(unspeakable).toBeTypeOf('function')
})
