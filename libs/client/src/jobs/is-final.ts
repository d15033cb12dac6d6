/** Tells whether a job has come to its end. Called by what waits for one, and by users of the package. */
import type { JobStatus } from '@millrace/contracts'

// Contracts has the same as a function, but its module would bring all schemas into a browser's bundle.
const FINAL: Record<JobStatus, boolean> = {
  queued: false,
  running: false,
  succeeded: true,
  failed: true,
  canceled: true,
}

/** Whether nothing but a retry can move the job again. */
export const isFinal = (job: { status: JobStatus }): boolean => FINAL[job.status]
