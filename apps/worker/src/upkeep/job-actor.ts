/**
 * Goes on with actions on many jobs: those that no process of the API goes on with, since it was killed or is busy with them no more. Runs in
 * every worker.
 */
import { createLoop, type Loop, WithLifecycle } from '@millrace/async'
import { type AuditLog, type FileStore, JobActionRunner, type JobActionUpkeep, type UpkeepStore } from '@millrace/queue'
import { finishPurges, type ObjectEraser } from '@millrace/storage'
import type { FaultLog } from '../fault-log.ts'

export interface JobActorDeps {
  actions: JobActionUpkeep
  jobs: Pick<UpkeepStore, 'purged'>
  files: Pick<FileStore, 'release' | 'deleted'>
  objects: ObjectEraser
  audit: Pick<AuditLog, 'add'>
  logFault: FaultLog
  /** From one round to the next, with a quarter of jitter either way. Default 1000. */
  everyMs?: number | undefined
}

export class JobActor extends WithLifecycle {
  protected readonly life: Loop

  constructor({ actions, jobs, files, objects, audit, logFault, everyMs }: JobActorDeps) {
    super()
    const runner = new JobActionRunner({
      actions,
      audit,
      finishPurges: (purged) =>
        finishPurges({ jobs, files, objects }, purged, (error) =>
          logFault('The rest of a purged job is left to the reconciler', error),
        ),
      onFault: (error, action) => logFault('An action on many jobs could not go on', error, { action }),
    })
    this.life = createLoop({
      round: (stopping) => runner.round(stopping),
      everyMs: everyMs ?? 1000,
      jitter: 0.25,
      onFault: (error) => logFault('Actions on many jobs could not be listed', error),
    })
  }
}
