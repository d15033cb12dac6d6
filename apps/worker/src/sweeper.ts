/**
 * Takes away, slowly, what is left over: uploaded files that no job used, holds of jobs that were never kept, objects that
 * nobody owns, uploads that were never ended. Runs in every worker; one at a time has the turn, and two at once would do
 * no harm: every deletion is decided by a script or by a record that can only grow older.
 */
import type { FileSweepStore, JobStore } from '@millrace/queue'
import { deleteBlobs, type ObjectStore } from '@millrace/storage'
import type { FaultLog } from './fault-log.ts'
import { settledWithin } from './settled-within.ts'
import { type ObjectSweep, sweepObjects } from './sweep-objects.ts'
import type { WorkerLogger } from './worker-logger.ts'

export interface SweeperDeps {
  worker: string
  files: FileSweepStore
  jobs: Pick<JobStore, 'get'>
  objects: Pick<ObjectStore, 'listEntries' | 'delete' | 'abortAbandoned'>
  /**
   * Since when this store is that of this Redis, by Redis' clock; undefined: it is not, and nothing may be deleted. Asked
   * before every round.
   */
  ownedSince(): Promise<number | undefined>
  logger: WorkerLogger
  logFault: FaultLog
  pace?: Partial<SweepPace>
}

/** Milliseconds and counts. */
export interface SweepPace {
  /** From the end of one round to the next, with a quarter of jitter either way. */
  everyMs: number
  /** From the end of one walk through the store to the next. */
  walkEveryMs: number
  /** Nothing younger is taken for left over. */
  graceMs: number
  /** Of each kind and tenant in one round; objects ten times that. */
  perRound: number
}

export const SWEEP_PACE: SweepPace = {
  everyMs: 30_000,
  walkEveryMs: 3_600_000,
  graceMs: 86_400_000,
  perRound: 100,
}

/** Whoever drops an object deletes it at once; after this it was killed before. Milliseconds. */
const TRASH_MS = 60_000

export interface Sweeper {
  start(): void
  /** One round, now, whoever has the turn. */
  round(): Promise<void>
  /** Begins nothing new and waits at most `graceMs` for what is under way. Safe twice and before start. */
  stop(graceMs: number): Promise<void>
}

export function createSweeper(deps: SweeperDeps): Sweeper {
  const { files, objects, logger, logFault } = deps
  const pace = { ...SWEEP_PACE, ...deps.pace }
  let walk: ObjectSweep | undefined
  let nextWalkMs = 0
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()
  let stopped = false

  const remove = (tenant: string, keys: readonly string[]) =>
    deleteBlobs(objects, { deleted: (gone) => files.deleted(tenant, gone) }, keys)

  const sweepTenant = async (tenant: string) => {
    const { graceMs, perRound } = pace
    for (const id of await files.expired(tenant, perRound)) await remove(tenant, await files.releaseExpired(tenant, id))
    for (const job of await files.oldHolders(tenant, graceMs, perRound)) {
      const record = await deps.jobs.get(job)
      if (record !== undefined && record !== 'purged') await files.stillHolds(tenant, job)
      else await remove(tenant, await files.releaseOld(tenant, job, graceMs))
    }
    await remove(tenant, await files.trash(tenant, Math.min(TRASH_MS, graceMs), perRound))
  }

  const walkOn = async (since: number) => {
    if (!walk && performance.now() < nextWalkMs) return
    const walked = (walk ??= sweepObjects({ ...deps, since, graceMs: pace.graceMs, perStep: 10 * pace.perRound }))
    try {
      const { deleted, ended } = await walked.step()
      if (deleted > 0) logger.info({ deleted }, 'Objects that nobody owned were deleted')
      if (!ended) return
      const aborted = await objects.abortAbandoned(await abandonedAfterMs(), (key) => walked.isOrphan(key))
      if (aborted > 0) logger.info({ aborted }, 'Uploads that were never ended were given up')
    } catch (error) {
      logFault('The object store could not be looked through', error)
    }
    walk = undefined
    nextWalkMs = performance.now() + pace.walkEveryMs
  }

  /** By Redis' clock: with this machine's a day ahead, an upload that goes on would look abandoned. */
  const abandonedAfterMs = async () => pace.graceMs + Math.max(0, Date.now() - (await files.now()))

  const round = async () => {
    // What is not found in Redis is deleted below: in another's store, or with a Redis that has lost its data, that is all.
    const since = await deps.ownedSince()
    if (since === undefined) {
      walk = undefined
      return
    }
    for (const tenant of await files.tenants()) {
      if (stopped) return
      await sweepTenant(tenant).catch((error: unknown) => logFault('Files could not be swept', error))
    }
    if (!stopped) await walkOn(since)
  }

  const work = async () => {
    try {
      if (await files.takeTurn(deps.worker, 4 * pace.everyMs)) await round()
    } catch (error) {
      logFault('The sweeper could not begin', error)
    }
  }

  const plan = () => {
    if (stopped) return
    timer = setTimeout(
      () => {
        current = work().then(plan)
      },
      pace.everyMs * (0.75 + Math.random() / 2),
    )
  }

  return {
    start: plan,
    round,
    async stop(graceMs) {
      stopped = true
      clearTimeout(timer)
      await settledWithin(current, graceMs)
    },
  }
}
