/**
 * Sets right what no single process can be trusted to finish: jobs the transport lost, jobs past their deadline,
 * cancels whose worker fell silent, and jobs whose retention is over. Runs in every worker; doing it twice is harmless.
 */
import { type JobId, jobPrefix } from '@millrace/contracts'
import type { FileStore, JobStore, Reconciled } from '@millrace/queue'
import { deleteBlobs, type ObjectStore } from '@millrace/storage'
import type { FaultLog } from './fault-log.ts'
import { settledWithin } from './settled-within.ts'
import type { WorkerLogger } from './worker-logger.ts'

/** What the reconciler asks of Redis. Each call looks at a bounded number of jobs. */
export interface ReconcilerStore {
  /** Every model that was ever published. */
  models(): Promise<string[]>
  /** Repairs, expires and abandons what is due, and says how many of each. */
  reconcile(model: string): Promise<Reconciled>
  /** Jobs to delete now: retention over, no webhook owed. */
  purgeable(model: string): Promise<{ id: JobId; tenant: string }[]>
  /** Purged jobs whose objects and files may still be there. */
  erasing(model: string): Promise<{ id: JobId; tenant: string }[]>
}

export interface ReconcilerDeps {
  store: ReconcilerStore
  jobs: Pick<JobStore, 'purge' | 'erased'>
  files: Pick<FileStore, 'release' | 'deleted'>
  objects: Pick<ObjectStore, 'deletePrefix' | 'delete'>
  logger: WorkerLogger
  logFault: FaultLog
  /** From the end of one round to the next, with a quarter of jitter either way. Default 2000. */
  everyMs?: number
}

export interface Reconciler {
  start(): void
  /** Begins nothing new and waits at most `graceMs` for what is under way. Safe twice and before start. */
  stop(graceMs: number): Promise<void>
}

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const { store, logFault, logger, everyMs = 2000 } = deps
  /** Purges go at the pace of the object store, so they don't hold up the rest. */
  const purging = new Map<string, Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> = Promise.resolve()
  let stopped = false

  const setRight = async (model: string) => {
    try {
      const { repaired, expired, abandoned } = await store.reconcile(model)
      if (repaired + expired + abandoned > 0)
        logger.info({ model, repaired, expired, abandoned }, 'Jobs were set right')
    } catch (error) {
      logFault('The jobs of a model could not be reconciled', error, { model })
    }
    if (stopped || purging.has(model)) return
    const purge = purgeModel(deps, model, () => stopped).finally(() => purging.delete(model))
    purging.set(model, purge)
  }

  const work = async () => {
    try {
      const models = await store.models()
      await Promise.all(models.map(setRight))
    } catch (error) {
      logFault('The reconciler could not list the models', error)
    }
  }

  const plan = () => {
    if (stopped) return
    timer = setTimeout(
      () => {
        round = work().then(plan)
      },
      everyMs * (0.75 + Math.random() / 2),
    )
  }

  return {
    start: plan,
    async stop(graceMs) {
      stopped = true
      clearTimeout(timer)
      await settledWithin(Promise.all([round, ...purging.values()]), graceMs)
    },
  }
}

/** The record first: while it is there, the job can be run again, and needs its files. */
async function purgeModel(deps: ReconcilerDeps, model: string, isStopped: () => boolean): Promise<void> {
  const { store, jobs, logFault } = deps
  try {
    for (const job of await store.purgeable(model)) {
      if (isStopped()) return
      if ((await jobs.purge(job.id)) === 'purged') await erase(deps, job)
    }
    // Whoever purged these was killed before the rest was done.
    for (const job of await store.erasing(model)) {
      if (isStopped()) return
      await erase(deps, job)
    }
  } catch (error) {
    logFault('Jobs past their retention could not be deleted', error, { model })
  }
}

async function erase(
  { objects, files, jobs }: ReconcilerDeps,
  { id, tenant }: { id: JobId; tenant: string },
): Promise<void> {
  await objects.deletePrefix(jobPrefix(tenant, id))
  const dropped = await files.release(tenant, id)
  await deleteBlobs(objects, { deleted: (keys) => files.deleted(tenant, keys) }, dropped)
  await jobs.erased(id, tenant)
}
