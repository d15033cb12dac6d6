/** The job that a request of RunPod's names, and its answer. Called by the routes of RunPod's dialect. */
import { type JobRecord, ProblemError } from '@millrace/contracts'
import { toRunpodJob } from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { jobIdOf } from '../../jobs/job-context.ts'
import type { DialectDeps } from '../dialect.ts'

/** Throws ProblemError `job_not_found`, for a job of another endpoint too, or `job_purged`. */
export async function runpodJobOf(c: ApiContext, { doorway }: Pick<DialectDeps, 'doorway'>): Promise<JobRecord> {
  const record = await doorway.read(c, jobIdOf(c))
  if (record.model !== c.req.param('endpoint')) throw new ProblemError('job_not_found')
  return record
}

/** Always a 200: of anything else the client of npm shows no body. */
export async function answerRunpodJob(
  c: ApiContext,
  { values, config }: Pick<DialectDeps, 'values' | 'config'>,
  record: JobRecord,
): Promise<Response> {
  const output = record.status === 'succeeded' ? await values.output(record, linkBase(c, config.publicUrl)) : null
  return c.json(toRunpodJob(record, output))
}
