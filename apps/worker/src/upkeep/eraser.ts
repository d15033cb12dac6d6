/**
 * Erases what a tenant has, or its jobs with some metadata, because an operator says so: page by page, in one process at a time. When that
 * one dies, or the object store fails, whoever looks next goes on where it was. Runs in every worker.
 */
import { createLoop, forEachLimited, type Loop, pause, WithLifecycle } from '@millrace/async'
import { BLOBS, JOBS, type Log } from '@millrace/contracts'
import {
  type AuditLog,
  type ErasureUpkeep,
  type FileStore,
  newAuditId,
  type OpenErasure,
  type UpkeepStore,
} from '@millrace/queue'
import { deleteBlobs, finishPurge, type ObjectEraser, type UploadSweep } from '@millrace/storage'
import type { FaultLog } from '../fault-log.ts'

export interface EraserDeps {
  erasures: ErasureUpkeep
  jobs: Pick<UpkeepStore, 'purged'>
  files: Pick<FileStore, 'release' | 'deleted'>
  objects: ObjectEraser & UploadSweep
  /** See SweeperDeps: in the store of another Redis the same name may be another tenant. */
  ownedSince(): Promise<number | undefined>
  audit: Pick<AuditLog, 'add'>
  logger: Log
  logFault: FaultLog
  /** From one round to the next, with a quarter of jitter either way. Default 1000. */
  everyMs?: number | undefined
}

/** From one page to the next. Milliseconds. */
const PAGE_MS = 5
/** Jobs and objects that are deleted at once. */
const AT_ONCE = 16
/** How long an erasure is this process' own after its last step. Milliseconds. */
const TAKEN_MS = 6000
/** Until then each process has heard that the keys of the tenant have ended. Milliseconds. */
const KEYS_END_MS = 3000

export class Eraser extends WithLifecycle {
  readonly #deps: EraserDeps
  protected readonly life: Loop

  constructor(deps: EraserDeps) {
    super()
    this.#deps = deps
    this.life = createLoop({
      round: (stopping) => this.round(stopping),
      everyMs: deps.everyMs ?? 1000,
      jitter: 0.25,
      onFault: (error) => deps.logFault('The eraser could not begin', error),
    })
  }

  /** Goes on with each that is open and no other process' own. */
  async round(stopping?: AbortSignal): Promise<void> {
    for (const erasure of await this.#deps.erasures.open()) {
      if (stopping?.aborted) return
      await this.#goOn(erasure, stopping).catch((error: unknown) =>
        this.#deps.logFault('An erasure could not go on', error, { erasure: erasure.id }),
      )
    }
  }

  async #goOn(erasure: OpenErasure, stopping?: AbortSignal): Promise<void> {
    const { erasures } = this.#deps
    if (!(await this.#isOurs(erasure))) return
    if (!erasure.isCounted) {
      const shards = await erasures.prepare(erasure)
      if (!erasure.isDry && erasure.metadata === undefined && erasure.ageMs < KEYS_END_MS) return
      let isDone = true
      for (const shard of shards) isDone = (await this.#eraseIn(shard, erasure, stopping)) && isDone
      if (!isDone || !(await this.#eraseRest(erasure, stopping))) return
    }
    await erasures.close(erasure, (counts) => this.#tell(erasure, counts))
    this.#deps.logger.info({ erasure: erasure.id, dry_run: erasure.isDry }, 'An erasure is done')
  }

  /** Jobs with their deliveries and events. False: it is not at its end. */
  async #eraseIn(shard: string, erasure: OpenErasure, stopping?: AbortSignal): Promise<boolean> {
    const { erasures, jobs, files, objects } = this.#deps
    const { tenant } = erasure
    return this.#pageByPage(erasure, stopping, async () => {
      const { state, purged } = await erasures.page(erasure, shard)
      // What is left out by a fault is found again by a later page.
      await forEachLimited(purged, AT_ONCE, (id) => finishPurge({ jobs, files, objects }, { id, tenant }))
      return state
    })
  }

  /** What is of the tenant and of no job. */
  async #eraseRest(erasure: OpenErasure, stopping?: AbortSignal): Promise<boolean> {
    const { erasures, files, objects } = this.#deps
    const { tenant, metadata, isDry } = erasure
    if (metadata !== undefined) return isDry || erasures.isErasedInBatches(erasure)
    const isDone = await this.#pageByPage(erasure, stopping, async () => {
      const keys = await erasures.filePage(erasure)
      await deleteBlobs(objects, { deleted: (gone) => files.deleted(tenant, gone) }, keys)
      return keys.length > 0 ? 'more' : 'done'
    })
    if (!isDone || isDry) return isDone
    // What an attempt that was given up has left, or an upload that nobody ended.
    const prefixes = [`${JOBS}${tenant}/`, `${BLOBS}${tenant}/`]
    if ((await this.#deps.ownedSince()) === undefined) return false
    for (const prefix of prefixes) {
      await objects.abortPrefix(prefix)
      await objects.deletePrefix(prefix)
    }
    await erasures.forgetTenant(erasure)
    return true
  }

  async #pageByPage(
    erasure: OpenErasure,
    stopping: AbortSignal | undefined,
    page: () => Promise<'more' | 'waiting' | 'done'>,
  ): Promise<boolean> {
    for (;;) {
      if (stopping?.aborted || !(await this.#isOurs(erasure))) return false
      const state = await page()
      if (state !== 'more') return state === 'done'
      await pause(PAGE_MS)
    }
  }

  #isOurs({ id }: OpenErasure): Promise<boolean> {
    return this.#deps.erasures.take(id, TAKEN_MS)
  }

  /** Before whose it was is forgotten: the audit alone says it from then on. */
  async #tell({ id, tenant, isDry, metadata }: OpenErasure, counts: Record<string, number>): Promise<void> {
    if (isDry) return
    await this.#deps.audit.add({
      ...{ id: newAuditId(), action: 'tenant.erased', by: null, tenant, subject: id, before: null },
      after: { ...counts, metadata_names: metadata ? Object.keys(metadata).length : null },
      ...{ outcome: 'done', code: null, request_id: null },
    })
  }
}
