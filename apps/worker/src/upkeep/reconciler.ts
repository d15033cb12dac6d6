/**
 * Sets right what no single process can be trusted to finish: jobs whose worker is lost, jobs past their deadline,
 * jobs whose time has come, and jobs whose retention is over. Runs in every worker; doing it twice is harmless.
 * It goes on page by page while there is work; how much of Redis' time that may take, the pages see to themselves.
 */
import { checkpointPrefix, type Log } from '@millrace/contracts'
import {
  createLifecycle,
  createLoop,
  forEachLimited,
  type Lifecycle,
  pause,
  settledWithin,
  WithLifecycle,
} from '@millrace/async'
import type { FileStore, UpkeepStore } from '@millrace/queue'
import { finishPurge, type ObjectEraser } from '@millrace/storage'
import type { FaultLog } from '../fault-log.ts'

export type ReconcilerStore = Pick<
  UpkeepStore,
  | 'models'
  | 'reconcile'
  | 'tendSteering'
  | 'carryOver'
  | 'cancelPage'
  | 'purgeDue'
  | 'purged'
  | 'droppedCheckpoints'
  | 'forgetCheckpoint'
>

export interface ReconcilerDeps {
  store: ReconcilerStore
  /** Does a page of the jobs of a model that are to be moved to another version. Answers whether there is more. */
  relocate(model: string): Promise<boolean>
  files: Pick<FileStore, 'release' | 'deleted'>
  objects: ObjectEraser
  logger: Log
  logFault: FaultLog
  /** From one round to the next, with a quarter of jitter either way. Default 1000. A deadline is met within two. */
  everyMs?: number
}

/** From one page to the next. Milliseconds. */
const PAGE_MS = 5
/** Jobs of one model whose objects are deleted at once. */
const PURGED_AT_ONCE = 16

export class Reconciler extends WithLifecycle {
  readonly #deps: ReconcilerDeps
  /** By what and model. What takes long, as purges do at the pace of the object store, holds up nothing else. */
  readonly #underWay = new Map<string, Promise<void>>()
  protected readonly life: Lifecycle

  constructor(deps: ReconcilerDeps) {
    super()
    this.#deps = deps
    const loop = createLoop({
      round: (stopping) => this.#round(stopping),
      everyMs: deps.everyMs ?? 1000,
      jitter: 0.25,
      onFault: (error) => deps.logFault('The reconciler could not list the models', error),
    })
    this.life = createLifecycle({
      begin: () => loop.start(),
      end: async (graceMs) => {
        await Promise.all([loop.stop(graceMs), settledWithin(Promise.all(this.#underWay.values()), graceMs)])
      },
    })
  }

  async #round(stopping: AbortSignal): Promise<void> {
    for (const model of await this.#deps.store.models()) {
      if (stopping.aborted) return
      this.#begin(`reconcile ${model}`, () => this.#setRight(model, stopping))
      this.#begin(`purge ${model}`, () => this.#purge(model, stopping))
    }
  }

  #begin(name: string, work: () => Promise<void>): void {
    if (this.#underWay.has(name)) return
    this.#underWay.set(
      name,
      work().finally(() => this.#underWay.delete(name)),
    )
  }

  async #setRight(model: string, stopping: AbortSignal): Promise<void> {
    const { store, logger, logFault } = this.#deps
    const sum = { recovered: 0, expired: 0, abandoned: 0 }
    let [hasFormer, hasCancels, hasMoves, isSteered, hasDrops] = [false, false, false, false, false]
    try {
      await pageByPage(stopping, async () => {
        const { recovered, expired, abandoned, more, former, cancels, relocates, steered, drops } =
          await store.reconcile(model)
        hasFormer ||= former
        hasCancels ||= cancels
        hasMoves ||= relocates
        isSteered ||= steered
        hasDrops ||= drops
        sum.recovered += recovered
        sum.expired += expired
        sum.abandoned += abandoned
        return more
      })
      if (hasFormer) await this.#carryOver(model, stopping)
      if (hasCancels) this.#beginBulk(model, stopping, 'canceled', () => store.cancelPage(model))
      if (hasMoves) {
        this.#beginBulk(model, stopping, 'moved to another version', () => this.#deps.relocate(model))
      }
      if (hasDrops) this.#begin(`checkpoints ${model}`, () => this.#deleteCheckpoints(model, stopping))
      if (isSteered) await this.#tendSteering(model)
    } catch (error) {
      logFault('The jobs of a model could not be reconciled', error, { model })
    }
    if (sum.recovered + sum.expired + sum.abandoned > 0) logger.info({ model, ...sum }, 'Jobs were set right')
  }

  /** Jobs of the former layout of Redis: all at the first round, and later what processes of that layout still bring. */
  async #carryOver(model: string, stopping: AbortSignal): Promise<void> {
    const { store, logger } = this.#deps
    const sum = { carried: 0, adopted: 0, refused: 0 }
    await pageByPage(stopping, async () => {
      const { carried, adopted, refused, more } = await store.carryOver(model)
      sum.carried += carried
      sum.adopted += adopted
      sum.refused += refused
      return more
    })
    if (sum.carried + sum.adopted > 0) logger.info({ model, ...sum }, 'Jobs of the former layout were carried over')
    if (sum.refused > 0)
      logger.warn({ model, refused: sum.refused }, 'Jobs of the former layout cannot be carried over')
  }

  /** What somebody asked for all at once may be a million jobs; it holds up nothing else. */
  #beginBulk(model: string, stopping: AbortSignal, done: string, page: () => Promise<boolean>): void {
    this.#begin(`${done} ${model}`, () =>
      pageByPage(stopping, page).catch((error: unknown) =>
        this.#deps.logFault(`Jobs that are to be ${done} could not be`, error, { model }),
      ),
    )
  }

  /** Each event is told by the one process that hears it first. */
  async #tendSteering(model: string): Promise<void> {
    const { store, logger } = this.#deps
    for (const { type, ...facts } of await store.tendSteering(model)) {
      const told = { model, event: type, ...facts }
      if (type === 'returned')
        logger.warn(told, 'A version failed more often than the others, and has no share any more')
      else if (type === 'unserved')
        logger.warn(told, 'No worker has a version of the split: its share goes to the current one')
      else logger.info(told, 'The versions of a model were steered')
    }
  }

  /** Objects of checkpoints that nobody goes on from any more. What is left out by a fault comes again. */
  async #deleteCheckpoints(model: string, stopping: AbortSignal): Promise<void> {
    const { store, objects, logFault } = this.#deps
    try {
      await pageByPage(stopping, async () => {
        const dropped = await store.droppedCheckpoints(model)
        await forEachLimited(dropped, PURGED_AT_ONCE, async (checkpoint) => {
          const { id, tenant, folder } = checkpoint
          await objects.deletePrefix(checkpointPrefix(tenant, id, folder))
          await store.forgetCheckpoint(checkpoint)
        })
        return dropped.length > 0
      })
    } catch (error) {
      logFault('Checkpoints that are needed no more could not be deleted', error, { model })
    }
  }

  async #purge(model: string, stopping: AbortSignal): Promise<void> {
    const { store, logFault } = this.#deps
    try {
      await pageByPage(stopping, async () => {
        const { purged, more } = await store.purgeDue(model)
        const failed: unknown[] = []
        // What is left out has its note, and is taken up by whoever looks next.
        await forEachLimited(purged, PURGED_AT_ONCE, async (job) => {
          if (stopping.aborted) return
          await finishPurge({ ...this.#deps, jobs: store }, job).catch((error: unknown) => failed.push(error))
        })
        if (failed.length > 0) throw failed[0]
        return more
      })
    } catch (error) {
      logFault('Jobs past their retention could not be deleted', error, { model })
    }
  }
}

async function pageByPage(stopping: AbortSignal, page: () => Promise<boolean>): Promise<void> {
  while (!stopping.aborted && (await page())) await pause(PAGE_MS)
}
