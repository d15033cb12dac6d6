/** Claims of jobs for a test, as a worker would make them. Called by tests of the queue. */
import { randomUUID } from 'node:crypto'
import type { JobId, JobRecord } from '@millrace/contracts'
import type { Hold, Queue, Take, Taken } from '@millrace/queue'
import { TEST_LINE } from './open-test-queue.ts'

/** A line for one job alone: whoever takes from it takes that one. */
export const ownLine = (): string => `v:${randomUUID()}`

/** Takes what is next of a model, as a process of its own unless the test names one; one job unless it says otherwise. */
export const takeJobs = (queue: Queue, model: string, extra: Partial<Take> = {}): Promise<Taken> =>
  queue.attempts.take({
    ...{ model, worker: 'w', version: '1.0.0', lines: [TEST_LINE], places: 1, alone: true },
    ...{ process: randomUUID(), seq: 1, ...extra },
  })

/** Takes the one job that waits, and gives its record. Throws when none, or another one, is given. */
export async function takeJob(
  queue: Queue,
  job: { id: JobId; model: string; line?: string },
  extra: Partial<Take> = {},
): Promise<JobRecord> {
  const { records } = await takeJobs(queue, job.model, { lines: [job.line ?? TEST_LINE], ...extra })
  const [record] = records
  if (record?.id !== job.id) throw new Error(`${record?.id ?? 'nothing'} was given instead of ${job.id}`)
  return record
}

/** The same, and its right. */
export async function holdJob(
  queue: Queue,
  job: { id: JobId; model: string; line?: string },
  extra: Partial<Take> = {},
): Promise<Hold> {
  return { id: job.id, fence: (await takeJob(queue, job, extra)).fence }
}
