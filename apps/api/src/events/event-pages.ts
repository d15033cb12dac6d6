/** The log of a job, a page at a time, wherever it lies. Used by event streams and by dialects. */
import { createLogPages, type JobReader, type LogPages } from '@millrace/queue'
import type { ObjectReader } from '@millrace/storage'
import { readText } from '../views/read-text.ts'

export type { LogPages as EventPages }

export const createEventPages = (jobs: Pick<JobReader, 'eventPage'>, objects: Pick<ObjectReader, 'get'>): LogPages =>
  createLogPages(jobs, readText(objects))
