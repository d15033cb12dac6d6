/**
 * Clients of other tenants than the API's own. The API knows one tenant only, so these speak to the store as an API does, and as
 * it sees Redis. Their jobs come all at once, so that they wait for each other. Called by runChaos.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { isUnavailable, lineOfVersion, type Queue } from '@millrace/queue'
import { newJob } from '../../support/open-test-queue.ts'
import { until } from '../../support/until.ts'
import { BACKLOG_VERSION, type PlannedJob } from './plan-chaos.ts'
import { type Accepted, idempotencyKeyOf, type SubmitLoadOptions } from './submit-load.ts'

export interface SubmitAsTenantsOptions
  extends Pick<SubmitLoadOptions, 'jobs' | 'startedMs' | 'onAccepted' | 'onFull'> {
  intake: Queue['jobs']
}

const GIVE_UP_MS = 180_000

/** Resolves when every job was accepted. Rejects when one is refused for good or never taken. */
export async function submitAsTenants({
  jobs,
  startedMs,
  intake,
  onAccepted,
  onFull,
}: SubmitAsTenantsOptions): Promise<void> {
  const submit = async (job: PlannedJob): Promise<void> => {
    await wait(Math.max(0, startedMs + job.at - performance.now()))
    for (let times = job.again ? 2 : 1; times > 0; times--) {
      const accepted = await until(`job ${job.n} is accepted`, () => trySubmit(intake, job, onFull), {
        timeoutMs: GIVE_UP_MS,
        everyMs: 100,
      })
      onAccepted(job.n, accepted)
    }
  }
  await Promise.all(jobs.map(submit))
}

/** The accepted job; undefined when the answer was lost or Redis is away or full. */
async function trySubmit(
  intake: Queue['jobs'],
  { n, tenant, input }: PlannedJob,
  onFull: () => void,
): Promise<Accepted | undefined> {
  const job = newJob({
    ...{ tenant, model: 'chaos', version: BACKLOG_VERSION, line: lineOfVersion(BACKLOG_VERSION) },
    input: { value: { inline: JSON.stringify(input) }, files: [] },
    idempotency: { key: idempotencyKeyOf(n), bodyHash: String(n) },
  })
  const result = await intake.submit(job).catch((error: unknown) => {
    if (isUnavailable(error)) return undefined
    throw error
  })
  if (result?.outcome === 'created' || result?.outcome === 'replayed') return result.record
  if (result?.outcome === 'full') onFull()
  else if (result) throw new Error(`job ${n} was refused: ${JSON.stringify(result)}`)
  return undefined
}
