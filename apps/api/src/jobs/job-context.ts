/** What the routes about jobs have in common: finding the job of a request and answering with it. */
import { type JobId, type JobRecord, jobIdSchema, jobSchema, ProblemError } from '@millrace/contracts'
import type { JobReader, NotFound, QueuePlace } from '@millrace/queue'
import { z } from 'zod'
import { mayUseJob, type Principal } from '../http/access/principal.ts'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import type { HangUps } from '../http/hang-ups.ts'
import type { FileSigner } from '@millrace/webhooks'
import { jobText } from '../views/job-view.ts'
import { linkBase } from '../http/links.ts'
import { sendJson } from '../http/middleware/standard-headers.ts'
import { json } from '../http/router.ts'

export type JobRouteDeps = Pick<ApiDeps, 'changes' | 'objects' | 'config' | 'logger'> & {
  jobs: JobReader
  hangUps: HangUps
  signer: FileSigner
}

export const jobParams = z.object({ id: jobIdSchema })
export const jobAnswer = (description: string, headers?: Record<string, string>) =>
  json(description, jobSchema, headers)

/**
 * The id in the path. An id that cannot be one of ours is not looked up, nor is that of a model which the key may not use. Throws
 * ProblemError `job_not_found`.
 */
export function jobIdOf(c: ApiContext): JobId {
  const id = jobIdSchema.safeParse(c.req.param('id'))
  if (!id.success || !mayFollow(c.get('principal'), id.data)) throw new ProblemError('job_not_found')
  c.set('jobId', id.data)
  return id.data
}

/** Whether a principal may use the job; undefined: whoever has its signed address. */
export const mayFollow = (principal: Principal | undefined, id: JobId): boolean =>
  principal === undefined || mayUseJob(principal, id)

/** What was asked for, if it is there. Throws ProblemError `job_not_found` (another tenant's too) or `job_purged`. */
export function found<Answer extends { outcome: string }>(answer: Answer): Exclude<Answer, NotFound> {
  if (isMissing(answer)) throw new ProblemError(answer.outcome === 'purged' ? 'job_purged' : 'job_not_found')
  return answer as Exclude<Answer, NotFound>
}

const isMissing = (answer: { outcome: string }): answer is NotFound =>
  answer.outcome === 'missing' || answer.outcome === 'purged'

/** Answers with a job. `place`: where it waits, if that is known. */
export async function answerJob(
  c: ApiContext,
  { config, signer, objects }: Pick<JobRouteDeps, 'config' | 'signer' | 'objects'>,
  record: JobRecord,
  options: { status: 200 | 202; place?: QueuePlace; headers?: Record<string, string> },
): Promise<Response> {
  const { status, place, headers = {} } = options
  const base = linkBase(c, config.publicUrl)
  const text = await jobText(record, { signer, objects, base, place })
  if (status === 200) return sendJson(c, text, status, headers)
  return sendJson(c, text, status, { location: `${base}/v1/jobs/${record.id}`, 'retry-after': '1', ...headers })
}
