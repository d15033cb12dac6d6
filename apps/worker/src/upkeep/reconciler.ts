/**
 * Sets right what no single process can be trusted to finish: jobs the transport lost, jobs past their deadline,
 * cancels whose worker fell silent, and jobs whose retention is over. Runs in every worker; doing it twice is harmless.
 * It goes on page by page while there is work; how much of Redis' time that may take, the pages see to themselves.
 */
import type { Log } from '@millrace/contracts'
import { setTimeout as rest } from 'node:timers/promises'
import type { FileStore, UpkeepStore } from '@millrace/queue'
import { finishPurge, type ObjectEraser } from '@millrace/storage'
import type { FaultLog } from '../fault-log.ts'
import { createRounds, forEachLimited, settledWithin } from '@millrace/async'

export type ReconcilerStore = Pick<UpkeepStore, 'models' | 'reconcile' | 'purgeDue' | 'purged'>

export interface ReconcilerDeps {
  store: ReconcilerStore
  files: Pick<FileStore, 'release' | 'deleted'>
  objects: ObjectEraser
  logger: Log
  logFault: FaultLog
  /** From one round to the next, with a quarter of jitter either way. Default 1000. A deadline is met within two. */
  everyMs?: number
}

export interface Reconciler {
  start(): void
  /** Begins nothing new and waits at most `graceMs` for what is under way. Safe twice and before start. */
  stop(graceMs: number): Promise<void>
}

/** From one page to the next. Milliseconds. */
const PAGE_MS = 5
/** Jobs of one model whose objects are deleted at once. */
const PURGED_AT_ONCE = 16

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const { store, logFault, logger, everyMs = 1000 } = deps
  /** By what and model. What takes long, as purges do at the pace of the object store, holds up nothing else. */
  const underWay = new Map<string, Promise<void>>()
  let stopped = false

  const begin = (name: string, work: () => Promise<void>) => {
    if (stopped || underWay.has(name)) return
    underWay.set(
      name,
      work().finally(() => underWay.delete(name)),
    )
  }

  const pageByPage = async (page: () => Promise<boolean>) => {
    while (!stopped && (await page())) await rest(PAGE_MS)
  }

  const setRight = async (model: string) => {
    const sum = { repaired: 0, expired: 0, abandoned: 0 }
    await pageByPage(async () => {
      const { repaired, expired, abandoned, more } = await store.reconcile(model)
      sum.repaired += repaired
      sum.expired += expired
      sum.abandoned += abandoned
      return more
    }).catch((error: unknown) => logFault('The jobs of a model could not be reconciled', error, { model }))
    if (sum.repaired + sum.expired + sum.abandoned > 0) logger.info({ model, ...sum }, 'Jobs were set right')
  }

  const purge = (model: string) =>
    pageByPage(async () => {
      const { purged, more } = await store.purgeDue(model)
      const failed: unknown[] = []
      // What is left out has its note, and is taken up by whoever looks next.
      await forEachLimited(purged, PURGED_AT_ONCE, async (job) => {
        if (!stopped) await finishPurge({ ...deps, jobs: store }, job).catch((error: unknown) => failed.push(error))
      })
      if (failed.length > 0) throw failed[0]
      return more
    }).catch((error: unknown) => logFault('Jobs past their retention could not be deleted', error, { model }))

  const work = async () => {
    try {
      for (const model of await store.models()) {
        begin(`reconcile ${model}`, () => setRight(model))
        begin(`purge ${model}`, () => purge(model))
      }
    } catch (error) {
      logFault('The reconciler could not list the models', error)
    }
  }

  const rounds = createRounds(work, everyMs)
  return {
    start: rounds.start,
    async stop(graceMs) {
      stopped = true
      await Promise.all([rounds.stop(graceMs), settledWithin(Promise.all(underWay.values()), graceMs)])
    },
  }
}
