/**
 * Takes away, in a bounded share of time, what is left over: uploaded files that no job used, holds of jobs that were never kept, objects that
 * nobody owns, uploads that were never ended. Runs in every worker; one at a time has the turn, and two at once would do
 * no harm: every deletion is decided by a script or by a record that can only grow older.
 */
import { setTimeout as rest } from 'node:timers/promises'
import type { JobId, Log } from '@millrace/contracts'
import type { FileSweepStore, UpkeepReader } from '@millrace/queue'
import { deleteBlobs, type ObjectEraser, type ObjectLister, type UploadSweep } from '@millrace/storage'
import type { FaultLog } from '../fault-log.ts'
import { createRounds, forEachLimited } from '@millrace/async'
import { type ObjectSweep, sweepObjects } from './sweep-objects.ts'

export interface SweeperDeps {
  worker: string
  files: FileSweepStore
  jobs: UpkeepReader
  objects: ObjectLister & ObjectEraser & UploadSweep
  /**
   * Since when this store is that of this Redis, by Redis' clock; undefined: it is not, and nothing may be deleted. Asked
   * before every round, and before every step through the store.
   */
  ownedSince(): Promise<number | undefined>
  logger: Log
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
  /** In one page; objects ten times that. A page that is full is followed by another, for as long as `everyMs` a round. */
  perPage: number
  /** What rests after a page, in times of what the page took. */
  restShare: number
}

export const SWEEP_PACE: SweepPace = {
  everyMs: 30_000,
  walkEveryMs: 3_600_000,
  graceMs: 86_400_000,
  perPage: 100,
  restShare: 2,
}

/** Of one page that are worked on at once. */
const AT_ONCE = 8

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
  let stopped = false

  const remove = (tenant: string, keys: readonly string[]) =>
    deleteBlobs(objects, { deleted: (gone) => files.deleted(tenant, gone) }, keys)

  /** Goes on while there is more, but gives way to the next round. */
  const pageByPage = async (page: () => Promise<boolean>) => {
    const endMs = performance.now() + pace.everyMs
    for (;;) {
      const begunMs = performance.now()
      if (!(await page()) || stopped || performance.now() > endMs) return
      await rest(pace.restShare * (performance.now() - begunMs))
    }
  }

  /** Pages of what `find` gives; each that was worked on is not found again. */
  const sweepPages = <T>(find: () => Promise<T[]>, work: (found: T) => Promise<void>) =>
    pageByPage(async () => {
      const found = await find()
      await forEachLimited(found, AT_ONCE, work)
      return found.length >= pace.perPage
    })

  const checkHolder = async (tenant: string, job: JobId) => {
    const { outcome } = await deps.jobs.get(job)
    if (outcome === 'found') await files.stillHolds(tenant, job)
    else await remove(tenant, await files.releaseOld(tenant, job, pace.graceMs))
  }

  const sweepTenant = async (tenant: string) => {
    const { graceMs, perPage } = pace
    await sweepPages(
      () => files.expired(tenant, perPage),
      async (id) => remove(tenant, await files.releaseExpired(tenant, id)),
    )
    await sweepPages(
      () => files.oldHolders(tenant, graceMs, perPage),
      (job) => checkHolder(tenant, job),
    )
    await sweepPages(
      () => files.trash(tenant, Math.min(TRASH_MS, graceMs), perPage),
      (key) => remove(tenant, [key]),
    )
  }

  /** False when there is nothing more to look at for now. */
  const walkOn = async (): Promise<boolean> => {
    if (stopped || (!walk && performance.now() < nextWalkMs)) return false
    const since = await ownedSince()
    if (since === undefined) return false
    const walked = (walk ??= sweepObjects({ ...deps, since, graceMs: pace.graceMs, perStep: 10 * pace.perPage }))
    try {
      const { deleted, ended } = await walked.step()
      if (deleted > 0) logger.info({ deleted }, 'Objects that nobody owned were deleted')
      if (!ended) return true
      const aborted = await objects.abortAbandoned(await abandonedAfterMs(), (key) => walked.isOrphan(key))
      if (aborted > 0) logger.info({ aborted }, 'Uploads that were never ended were given up')
    } catch (error) {
      logFault('The object store could not be looked through', error)
    }
    walk = undefined
    nextWalkMs = performance.now() + pace.walkEveryMs
    return false
  }

  /** What is not found in Redis is deleted: in another's store, or with a Redis that has lost its data, that is all. */
  const ownedSince = async (): Promise<number | undefined> => {
    const since = await deps.ownedSince()
    if (since === undefined) walk = undefined
    return since
  }

  /** By Redis' clock: with this machine's a day ahead, an upload that goes on would look abandoned. */
  const abandonedAfterMs = async () => pace.graceMs + Math.max(0, Date.now() - (await files.now()))

  const round = async () => {
    if ((await ownedSince()) === undefined) return
    for (const tenant of await files.tenants()) {
      if (stopped) return
      await sweepTenant(tenant).catch((error: unknown) => logFault('Files could not be swept', error))
    }
    await pageByPage(walkOn)
  }

  const work = async () => {
    try {
      if (await files.takeTurn(deps.worker, 4 * pace.everyMs)) await round()
    } catch (error) {
      logFault('The sweeper could not begin', error)
    }
  }

  const rounds = createRounds(work, pace.everyMs)
  return {
    start: rounds.start,
    round,
    async stop(graceMs) {
      stopped = true
      await rounds.stop(graceMs)
    },
  }
}
