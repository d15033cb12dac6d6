/** The record that fixtures begin with, as the store makes it for a new job. Used by tests that have no store. */
import type { JobRecord } from '@millrace/contracts'
import { freshRecord, type NewJob } from '@millrace/queue'
import { newJob } from './open-test-queue.ts'

export const aRecord = (job: Partial<NewJob> = {}, change: Partial<JobRecord> = {}): JobRecord => ({
  ...freshRecord(newJob(job), Date.now()),
  ...change,
})
