/**
 * What is answered about jobs that match a filter: a page of them, how many there are, and how the failed ones failed. Conditions
 * that no index answers are answered by reading jobs, in bounded steps: each answer says how far that went.
 */
import { z } from 'zod'
import { jobIdSchema } from '../../ids.ts'
import { modelNameSchema } from '../../manifest.ts'
import { jobErrorSchema } from '../job-error.ts'
import { jobSchema } from '../job.ts'
import { failureIdSchema, jobFilterSchema } from './job-filter.ts'

const count = z.number().int().min(0)
const time = z.iso.datetime()

const searched = {
  searched_to: time
    .nullable()
    .describe(
      'Null unless the search ended before it had seen all jobs: then the time of submit back to which it went. Ask with `next_cursor` to go on from there.',
    ),
  next_cursor: z.string().nullable().describe('Where to go on; null at the end.'),
}

export const jobListSchema = z
  .object({ object: z.literal('list'), data: z.array(jobSchema), ...searched })
  .extend({
    searched_to: time
      .nullable()
      .describe(
        'Null unless the search ended before the page was full: then the time of submit back to which it went. A page may be empty: ask with `next_cursor` to go on from there.',
      ),
  })
  .meta({ id: 'JobList' })
export type JobList = z.infer<typeof jobListSchema>

export const jobCountsSchema = z
  .object({
    object: z.literal('job_counts'),
    counts: z
      .object({ queued: count, running: count, succeeded: count, failed: count, canceled: count })
      .describe('By status.'),
    total: count,
    is_exact: z
      .boolean()
      .describe(
        'False when the search ended before it had seen all jobs, or began at a cursor: then there may be more. By model, status and time of submit counts are always exact.',
      ),
    ...searched,
  })
  .meta({ id: 'JobCounts' })
export type JobCounts = z.infer<typeof jobCountsSchema>

const sample = {
  count: count.describe('Jobs among those that were looked at.'),
  first_at: time.describe('When the first of them ended.'),
  last_at: time.describe('When the last of them ended.'),
  jobs: z.array(jobIdSchema).describe('The newest of them, at most 5.'),
}

export const failureGroupSchema = z
  .object({
    id: failureIdSchema.describe('Stands for these four. The filter `failure` takes it.'),
    model: modelNameSchema,
    version: z.string(),
    code: jobErrorSchema.shape.code,
    message: z.string().describe('What all of them say: `#` stands for each number and id.'),
    ...sample,
    workers: z
      .array(z.object({ worker: z.string().nullable(), device: z.string().nullable(), count }))
      .describe('Where their last attempts were, the most frequent first, at most 10.'),
    workers_total: count.describe('How many workers and devices that were.'),
    filter: jobFilterSchema.describe('Means the jobs of this group, in a list and in an action on all that match.'),
  })
  .meta({ id: 'FailureGroup' })
export type FailureGroup = z.infer<typeof failureGroupSchema>

export const failurePlaceSchema = z
  .object({
    worker: z.string().nullable().describe('Null when no worker ever had them, such as when they expired.'),
    device: z.string().nullable().describe('Null when it is not known.'),
    ...sample,
    failures: z
      .array(z.object({ id: failureIdSchema, count }))
      .describe('Of which groups they are, the most frequent first, at most 10.'),
    filter: jobFilterSchema
      .nullable()
      .describe('Means the failed jobs with an attempt there; null where there is none.'),
  })
  .meta({ id: 'FailurePlace' })
export type FailurePlace = z.infer<typeof failurePlaceSchema>

export const failuresSchema = z
  .object({
    object: z.literal('failures'),
    data: z.array(failureGroupSchema).describe('The groups with the most jobs first, at most 100.'),
    groups_total: count,
    places: z
      .array(failurePlaceSchema)
      .describe('The same jobs by worker and device, those with the most first, at most 100.'),
    places_total: count,
    searched: count.describe('Failed jobs that were looked at, the newest first.'),
    matched: count.describe('How many of these match.'),
    ...searched,
  })
  .meta({ id: 'Failures' })
export type Failures = z.infer<typeof failuresSchema>
