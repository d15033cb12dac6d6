/** Makes a queue for a test, and jobs to put into it. Called by tests that need a real Redis. */
import { newJobId, openQueue, type NewJob, type Queue, type QueueOptions } from '@millrace/queue'

export const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A queue on a test's own Redis. Its limits are so high that they do not matter unless the test sets some. */
export const openTestQueue = (url: string, options: Partial<QueueOptions> = {}): Queue =>
  openQueue({
    url,
    role: 'worker',
    logger: silent,
    limits: { tenantJobs: 100_000, modelJobs: 100_000, retentionSeconds: 3600 },
    lockMs: 2000,
    ...options,
  })

/** The line of jobs that newJob makes. */
export const TEST_LINE = 'v:1.0.0'

/** A small job, as the API would pass it on. */
export const newJob = (extra: Partial<NewJob> = {}): NewJob => ({
  id: newJobId(extra.model ?? 'echo'),
  kind: 'prediction',
  tenant: 'default',
  model: 'echo',
  version: '1.0.0',
  line: TEST_LINE,
  input: { value: { inline: '{}' }, files: [] },
  priority: 'normal',
  metadata: {},
  maxAttempts: 1,
  timeoutSeconds: 60,
  runAt: null,
  expiresInSeconds: 3600,
  idempotency: null,
  ...extra,
})
