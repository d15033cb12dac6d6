/** Answers a submit: with the job, with its end if the client waits, or with its stream. Called by the submit route. */
import { isTerminal, type JobRecord } from '@millrace/contracts'
import { streamJob, type StreamDeps } from '../events/event-routes.ts'
import type { Place } from '../events/event-streams.ts'
import type { Format } from '../events/event-wire.ts'
import type { ApiContext } from '../http/api-deps.ts'
import { rateLimitHeaders } from '../http/limits/rate-limit-headers.ts'
import { linkBase } from '../http/links.ts'
import { tenantOf } from '../http/router.ts'
import { answerJob, type JobRouteDeps } from '../jobs/job-context.ts'
import { type Wait, waitForJob } from '../jobs/wait-for-job.ts'
import type { Kept } from './submit-job.ts'

/** The job, then everything that happens to it; of a job that was kept before, everything that happened. */
export function streamSubmitted(
  c: ApiContext,
  deps: StreamDeps,
  { record, replayed, rateLimit }: Kept,
  { format, place }: { format: Format; place: Place },
): Promise<Response> {
  const location = `${linkBase(c, deps.config.publicUrl)}/v1/jobs/${record.id}`
  const headers = { location, ...replayHeader(replayed), ...rateLimitHeaders(rateLimit) }
  return streamJob(
    c,
    deps,
    place,
    { record, reader: { tenant: record.tenant }, format, after: '', showJob: { id: undefined } },
    headers,
  )
}

/** `seconds`: how long to wait for the end, if the client asked for that. */
export type Patience = { seconds: number | undefined } & Pick<Wait, 'watch'>

/** The job as it is kept, or after the wait. */
export async function answerSubmitted(
  c: ApiContext,
  deps: JobRouteDeps,
  { record, replayed, rateLimit }: Kept,
  { seconds, watch }: Patience,
): Promise<Response> {
  const headers: Record<string, string> = { ...replayHeader(replayed), ...rateLimitHeaders(rateLimit) }
  if (seconds === undefined) return answerJob(c, deps, record, { status: 202, headers })
  headers['preference-applied'] = `wait=${seconds}`
  const last = isTerminal(record.status) ? record : await waited(c, deps, record, { seconds, watch })
  return answerJob(c, deps, last, { status: isTerminal(last.status) ? 200 : 202, headers })
}

const replayHeader = (replayed: boolean): Record<string, string> => (replayed ? { 'idempotency-replayed': 'true' } : {})

/** The job after the wait. It is kept already, so nothing that happens while waiting makes the submit a failure. */
async function waited(
  c: ApiContext,
  { jobs, changes, hangUps }: JobRouteDeps,
  record: JobRecord,
  patience: Pick<Wait, 'seconds' | 'watch'>,
): Promise<JobRecord> {
  const onHangUp = (tell: () => void) => hangUps.listen(c, tell)
  const wait = { jobs, changes, tenant: tenantOf(c), onHangUp, ...patience }
  const found = await waitForJob(record.id, wait).catch(() => undefined)
  return found?.outcome === 'found' ? found.record : record
}
