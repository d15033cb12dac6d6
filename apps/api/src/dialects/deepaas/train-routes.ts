/** Below /deepaas/v2/models/{model}/train/: trainings are jobs of that kind, and their uuid is the id of the job. */
import { isTerminal, jobIdSchema, type JobRecord, ProblemError } from '@millrace/contracts'
import { toTraining, trainingFile } from '@millrace/dialects'
import { purgeJob } from '@millrace/storage'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { tenantOf, type UnlistedRoute } from '../../http/router.ts'
import { found, mayFollow } from '../../jobs/job-context.ts'
import { findModel } from '../../models/find-model.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { MOST_WAIT } from '../intake.ts'
import { sendJson } from './send-json.ts'
import { addSlashed, BASE } from './add-slashed.ts'
import { submitArguments } from './submit-arguments.ts'

/** The newest of a model are listed. */
const MOST_LISTED = 100

const PATH = `${BASE}/v2/models/{model}/train/`

export function trainRoutes(router: DialectRouter, deps: DialectDeps): void {
  const { jobs, doorway } = deps
  const show = (c: ApiContext, record: JobRecord) => trainingOf(c, deps, record)

  const start = { method: 'post', path: PATH, operation: 'deepaasTrain', audit: 'none', scope: 'jobs:write' } as const
  addSlashed(router, start, async (c) => {
    const { manifest } = await findModel(deps.cache, c)
    if (!manifest.training) {
      const words = `501: Not implemented by underlying model (loaded '${manifest.name}')`
      return c.text(words, 501)
    }
    const told = await submitArguments(c, deps, { manifest, kind: 'training', seconds: 0 })
    return told instanceof Response ? told : sendJson(c, await show(c, told))
  })

  const list = { method: 'get', path: PATH, operation: 'deepaasTrainings', scope: 'jobs:read' } as const
  addSlashed(router, list, async (c) => {
    const { manifest } = await findModel(deps.cache, c)
    const filter = { model: manifest.name, kind: 'training' } as const
    const page = await jobs.list({ tenant: tenantOf(c), filter, limit: MOST_LISTED })
    // The oldest first, as there.
    return sendJson(c, await Promise.all(page.records.toReversed().map((record) => show(c, record))))
  })

  const read = { method: 'get', path: `${PATH}{uuid}`, operation: 'deepaasTraining', scope: 'jobs:read' } as const
  router.addUnlisted(read, async (c) => sendJson(c, await show(c, await training(c, deps))))

  const forget: UnlistedRoute = {
    ...{ method: 'delete', path: `${PATH}{uuid}`, operation: 'deepaasForgetTraining' },
    ...{ audit: 'none', scope: 'jobs:cancel' },
  }
  router.addUnlisted(forget, async (c) => {
    const record = await training(c, deps)
    const { id, tenant } = record
    const stopped = isTerminal(record.status) ? record : found(await jobs.cancel(id, tenant)).record
    // A model may need a while to stop. If it needs longer, it stays in the list, as cancelled, until its time is over.
    const last = await doorway.ended(c, stopped, MOST_WAIT)
    const shown = await show(c, last)
    if (isTerminal(last.status)) await purgeJob(deps, { id, tenant })
    return sendJson(c, shown)
  })
}

/** Throws ProblemError `job_not_found`, also for what is no training of that model. */
async function training(c: ApiContext, { doorway }: DialectDeps): Promise<JobRecord> {
  const id = jobIdSchema.safeParse(c.req.param('uuid'))
  if (!id.success || !mayFollow(c.get('principal'), id.data)) throw new ProblemError('job_not_found')
  c.set('jobId', id.data)
  const record = await doorway.read(c, id.data)
  if (record.kind !== 'training' || record.model !== c.req.param('model')) throw new ProblemError('job_not_found')
  return record
}

async function trainingOf(c: ApiContext, { values, config }: DialectDeps, record: JobRecord) {
  const base = linkBase(c, config.publicUrl)
  const [args, output] = await Promise.all([
    values.input(record, base, (_, file) => trainingFile(file)),
    record.status === 'succeeded' ? values.output(record, base) : null,
  ])
  return toTraining({ record, args, output })
}
