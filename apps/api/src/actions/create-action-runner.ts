/** Whoever does actions on many jobs in a process of the API. Made by job-action-routes.ts for those that begin here, and by startApi for all others. */
import { JobActionRunner } from '@millrace/queue'
import { finishPurges } from '@millrace/storage'
import type { ApiDeps } from '../http/api-deps.ts'

export type ActionRunnerDeps = Pick<ApiDeps, 'jobActions' | 'files' | 'objects' | 'audit' | 'logger'> & {
  jobs: Pick<ApiDeps['jobs'], 'purged'>
}

export function createActionRunner({
  jobActions,
  jobs,
  files,
  objects,
  audit,
  logger,
}: ActionRunnerDeps): JobActionRunner {
  const log = (text: string, fields: Record<string, unknown>) => logger.warn(fields, text)
  return new JobActionRunner({
    actions: jobActions,
    audit,
    finishPurges: (purged) =>
      finishPurges({ jobs, files, objects }, purged, (err) =>
        log('the rest of a purged job is left to upkeep', { err }),
      ),
    onFault: (err, id) => log('an action on many jobs is left to whoever looks next', { err, action: id }),
  })
}
