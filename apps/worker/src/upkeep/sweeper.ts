/**
 * Takes away, in a bounded share of time, what is left over: uploaded files that no job used, holds of jobs that were
 * never kept, objects that nobody owns, uploads that were never ended. Runs in every worker; one at a time has the turn,
 * and two at once would do no harm: every deletion is decided by a script or by a record that can only grow older.
 */
import { createLoop, forEachLimited, type Loop, pause, WithLifecycle } from '@millrace/async'
import { batchIdSchema, type JobId, type Log } from '@millrace/contracts'
import type { BatchUpkeep, FileSweepStore, UpkeepReader } from '@millrace/queue'
import { deleteBlobs, type ObjectEraser, type ObjectLister, type UploadSweep } from '@millrace/storage'
import type { FaultLog } from '../fault-log.ts'
import { type ObjectSweep, sweepObjects } from './sweep-objects.ts'

export interface SweeperDeps {
  worker: string
  files: FileSweepStore
  jobs: UpkeepReader
  /** Batches hold bytes as jobs do. Default: what one holds is left alone. */
  batches?: Pick<BatchUpkeep, 'find'>
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

export class Sweeper extends WithLifecycle {
  readonly #deps: SweeperDeps
  readonly #pace: SweepPace
  protected readonly life: Loop
  /** The walk through the store that is under way. */
  #walk: ObjectSweep | undefined
  #nextWalkMs = 0

  constructor(deps: SweeperDeps) {
    super()
    this.#deps = deps
    this.#pace = { ...SWEEP_PACE, ...deps.pace }
    this.life = createLoop({
      round: async (stopping) => {
        if (await deps.files.takeTurn(deps.worker, 4 * this.#pace.everyMs)) await this.round(stopping)
      },
      everyMs: this.#pace.everyMs,
      jitter: 0.25,
      onFault: (error) => deps.logFault('The sweeper could not begin', error),
    })
  }

  /** One round, now, whoever has the turn. */
  async round(stopping?: AbortSignal): Promise<void> {
    const { files, logFault } = this.#deps
    if ((await this.#ownedSince()) === undefined) return
    for (const tenant of await files.tenants()) {
      if (stopping?.aborted) return
      await this.#sweepTenant(tenant, stopping).catch((error: unknown) => logFault('Files could not be swept', error))
    }
    await this.#pageByPage(() => this.#walkOn(stopping), stopping)
  }

  /** Goes on while there is more, but gives way to the next round. */
  async #pageByPage(page: () => Promise<boolean>, stopping?: AbortSignal): Promise<void> {
    const endMs = performance.now() + this.#pace.everyMs
    for (;;) {
      const begunMs = performance.now()
      if (!(await page()) || stopping?.aborted || performance.now() > endMs) return
      await pause(this.#pace.restShare * (performance.now() - begunMs))
    }
  }

  async #sweepTenant(tenant: string, stopping?: AbortSignal): Promise<void> {
    const { files } = this.#deps
    const { graceMs, perPage } = this.#pace
    /** Pages of what `find` gives; each that was worked on is not found again. */
    const sweep = <T>(find: () => Promise<T[]>, work: (found: T) => Promise<void>) =>
      this.#pageByPage(async () => {
        const found = await find()
        await forEachLimited(found, AT_ONCE, work)
        return found.length >= perPage
      }, stopping)
    await sweep(
      () => files.expired(tenant, perPage),
      async (id) => this.#remove(tenant, await files.releaseExpired(tenant, id)),
    )
    await sweep(
      () => files.oldHolders(tenant, graceMs, perPage),
      (job) => this.#checkHolder(tenant, job),
    )
    await sweep(
      () => files.trash(tenant, Math.min(TRASH_MS, graceMs), perPage),
      (key) => this.#remove(tenant, [key]),
    )
  }

  async #checkHolder(tenant: string, job: JobId): Promise<void> {
    const { files, jobs, batches } = this.#deps
    const isThere = batchIdSchema.safeParse(job).success
      ? !batches || (await batches.find(job)) !== undefined
      : (await jobs.get(job)).outcome === 'found'
    if (isThere) await files.stillHolds(tenant, job)
    else await this.#remove(tenant, await files.releaseOld(tenant, job, this.#pace.graceMs))
  }

  #remove(tenant: string, keys: readonly string[]): Promise<void> {
    const { files, objects } = this.#deps
    return deleteBlobs(objects, { deleted: (gone) => files.deleted(tenant, gone) }, keys)
  }

  /** False when there is nothing more to look at for now. */
  async #walkOn(stopping?: AbortSignal): Promise<boolean> {
    if (stopping?.aborted || (!this.#walk && performance.now() < this.#nextWalkMs)) return false
    const since = await this.#ownedSince()
    if (since === undefined) return false
    const { graceMs, perPage, walkEveryMs } = this.#pace
    this.#walk ??= sweepObjects({ ...this.#deps, since, graceMs, perStep: 10 * perPage })
    try {
      if (!(await this.#walkStep(this.#walk))) return true
    } catch (error) {
      this.#deps.logFault('The object store could not be looked through', error)
    }
    this.#walk = undefined
    this.#nextWalkMs = performance.now() + walkEveryMs
    return false
  }

  /** True at the end of the walk. */
  async #walkStep(walk: ObjectSweep): Promise<boolean> {
    const { logger, objects } = this.#deps
    const { deleted, ended } = await walk.step()
    if (deleted > 0) logger.info({ deleted }, 'Objects that nobody owned were deleted')
    if (!ended) return false
    const aborted = await objects.abortAbandoned(await this.#abandonedAfterMs(), (key) => walk.isOrphan(key))
    if (aborted > 0) logger.info({ aborted }, 'Uploads that were never ended were given up')
    return true
  }

  /** What is not found in Redis is deleted: in another's store, or with a Redis that has lost its data, that is all. */
  async #ownedSince(): Promise<number | undefined> {
    const since = await this.#deps.ownedSince()
    if (since === undefined) this.#walk = undefined
    return since
  }

  /** By Redis' clock: with this machine's a day ahead, an upload that goes on would look abandoned. */
  async #abandonedAfterMs(): Promise<number> {
    return this.#pace.graceMs + Math.max(0, Date.now() - (await this.#deps.files.now()))
  }
}
