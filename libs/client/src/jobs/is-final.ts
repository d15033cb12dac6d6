/** Tells whether a job has ended. Called by code that waits for a job, and by users of the package. */
import type { JobStatus } from '@millrace/contracts'

// Contracts has a function for this, but importing it would bring all schemas into a browser's bundle.
const FINAL: Record<JobStatus, boolean> = {
  queued: false,
  running: false,
  succeeded: true,
  failed: true,
  canceled: true,
}

/** True for a final status. Only a retry can move such a job again. */
export const isFinal = (job: { status: JobStatus }): boolean => FINAL[job.status]
