/**
 * Which jobs are meant: the conditions of a list, of its counts, of the failures, and of an action on all that match. A job has to
 * meet all that are given. Query parameters, bodies, clients and the CLI follow from this schema.
 */
import { z } from 'zod'
import { modelNameSchema } from '../../manifest.ts'
import { BASE32 } from '../../ids.ts'
import { jobErrorSchema } from '../job-error.ts'
import { jobKindSchema } from '../job-request.ts'
import { JOB_STATUSES, type JobStatus } from '../job-status.ts'

const time = z.iso.datetime({ offset: true })
const word = z.string().min(1).max(200)

/** Names a kind of failure: all failed jobs of one model and version with the same code, whose messages differ in numbers and ids only. */
export const failureIdSchema = z.string().regex(new RegExp(`^fail_${BASE32}{26}$`))

export const jobFilterSchema = z
  .strictObject({
    model: modelNameSchema.optional(),
    status: z.array(z.enum(JOB_STATUSES)).min(1).max(20).optional().describe('With one of these statuses.'),
    kind: jobKindSchema.optional(),
    version: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe('That ran on this version of their model; of those that never ran: that were submitted for it.'),
    error_code: jobErrorSchema.shape.code.optional().describe('Failed, with this code.'),
    failure: failureIdSchema.optional().describe('Failed, in this way: the id of a group of `GET /v1/failures`.'),
    worker: word.optional().describe('With an attempt on this worker.'),
    device: word.optional().describe('With an attempt on this device of its worker, such as `cuda:0`.'),
    created_after: time.optional().describe('Submitted then or later.'),
    created_before: time.optional().describe('Submitted then or earlier.'),
    ended_after: time.optional().describe('Ended then or later.'),
    ended_before: time.optional().describe('Ended then or earlier.'),
    metadata: z
      .record(z.string().max(64), z.string().max(512))
      .refine((labels) => Object.keys(labels).length <= 16, 'at most 16 keys')
      .optional()
      .meta({
        description: 'With these labels, each the same to the letter.',
        maxProperties: 16,
        propertyNames: { maxLength: 64 },
      }),
  })
  .meta({ id: 'JobFilter' })
export type JobFilter = z.infer<typeof jobFilterSchema>

/** True when nothing is asked of the jobs: all of them are meant. */
export const isEmptyFilter = (filter: JobFilter): boolean =>
  Object.values(filter).every((value) => value === undefined || (typeof value === 'object' && isBlank(value)))

const isBlank = (value: object): boolean => Object.keys(value).length === 0

const ENDED = ['succeeded', 'failed', 'canceled'] as const satisfies readonly JobStatus[]

/** The statuses that a job that is meant can have: those that are named, less what the other conditions rule out. */
export function statusesOf({ status, error_code, failure, ended_after, ended_before }: JobFilter): JobStatus[] {
  const named = new Set<JobStatus>(status ?? JOB_STATUSES)
  const possible: readonly JobStatus[] =
    error_code !== undefined || failure !== undefined
      ? ['failed']
      : ended_after !== undefined || ended_before !== undefined
        ? ENDED
        : JOB_STATUSES
  return possible.filter((one) => named.has(one))
}
