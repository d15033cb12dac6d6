/**
 * Goes on with batches, a step at a time: reads a file, submits rows, waits for their jobs, writes the results, tells of the end. After
 * each step the batch says how far it is, so whoever looks next goes on there when a process is killed. One process at a time goes on
 * with a batch; a step of one that was slow changes nothing. Runs in every process of the API, because there inputs are checked.
 */
import { createLoop, type Loop, pause, WithLifecycle } from '@millrace/async'
import {
  BATCH_EVENT,
  BATCH_LIMITS,
  type BatchLineFault,
  type BatchStatus,
  isBatchOver,
  LIMITS,
  type Log,
} from '@millrace/contracts'
import {
  type BatchChange,
  type BatchState,
  type BatchUpkeep,
  type DeliveryLog,
  isUnavailable,
  type KeptBatch,
  newUploadId,
} from '@millrace/queue'
import { dropHold, type DropDeps } from '@millrace/storage'
import { problemOf } from '../http/middleware/answer-error.ts'
import { batchMessage, countsOf, deadlineOf, finishedOf } from './batch-view.ts'
import { CancelJobs, type CancelDeps } from './cancel-jobs.ts'
import { type ResultDeps, BATCH_STOPPED, NotEndedError, ResultWriter } from './write-results.ts'
import type { EraseRows } from './erase-rows.ts'
import { isErasedLine } from './rows/erased-line.ts'
import type { RowFormats } from './rows/row-format.ts'
import { readWindow, START } from './rows/row-window.ts'
import { letGo, type LetGoDeps, objectsOf } from './store-file.ts'
import { SubmitSlice, type SliceDeps } from './submit-slice.ts'

export interface BatchRunnerDeps {
  batches: BatchUpkeep
  slices: SliceDeps
  results: ResultDeps
  cancels: CancelDeps
  drops: DropDeps & LetGoDeps
  erasures: Pick<EraseRows, 'round'>
  deliveries: Pick<DeliveryLog, 'send'>
  formats: RowFormats
  logger: Log
  /** From one round to the next, with a quarter of jitter either way. Default 500. */
  everyMs?: number | undefined
}

/** Another process has it, or it is gone. */
class NotOursError extends Error {}

/** After a step, `again` at once, or in so many milliseconds. */
type Next = 'again' | number

/** From one step to the next: requests come between. Milliseconds. */
const STEP_MS = 5
/** How often it is looked whether the jobs have ended. Milliseconds. */
const LOOK_MS = 500
/** Where a job that is not of the batch alone has not ended. Milliseconds. */
const FOREIGN_MS = 2000
/** Rows of a file that are read together. */
const READ_ROWS = 500

export class BatchRunner extends WithLifecycle {
  readonly #deps: BatchRunnerDeps
  readonly #slices: SubmitSlice
  readonly #cancels: CancelJobs
  /** When a batch is looked at again, by performance.now(). */
  readonly #later = new Map<string, number>()
  protected readonly life: Loop

  constructor(deps: BatchRunnerDeps) {
    super()
    this.#deps = deps
    this.#slices = new SubmitSlice(deps.slices)
    this.#cancels = new CancelJobs(deps.cancels)
    this.life = createLoop({
      round: (stopping) => this.round(stopping),
      everyMs: deps.everyMs ?? LOOK_MS,
      jitter: 0.25,
      onFault: (error) => this.#tellFault(error, 'batches could not be listed'),
    })
  }

  #tellFault(error: unknown, text: string): void {
    if (!isUnavailable(error)) this.#deps.logger.error({ err: error }, text)
  }

  /** Goes on with all that are open, a step of each in turn, until all have to wait. */
  async round(stopping?: AbortSignal): Promise<void> {
    await this.#forgetOld()
    await this.#deps.erasures.round().catch((error: unknown) => this.#tellFault(error, 'rows could not be erased'))
    for (let isMore = true; isMore && !stopping?.aborted; ) {
      isMore = false
      const open = await this.#deps.batches.open()
      for (const id of this.#later.keys()) if (!open.includes(id)) this.#later.delete(id)
      for (const id of open) {
        if (stopping?.aborted || performance.now() < (this.#later.get(id) ?? 0)) continue
        const next = await this.#step(id)
        if (next === 'again') isMore = true
        else this.#later.set(id, performance.now() + next)
        await pause(STEP_MS)
      }
    }
  }

  /** Never rejects. */
  async #step(id: string): Promise<Next> {
    try {
      const batch = await this.#take(id)
      return await this.#stepOf(batch)
    } catch (error) {
      if (error instanceof NotOursError) return LOOK_MS
      const { code } = problemOf(error)
      if (code === 'internal') this.#deps.logger.error({ err: error, batch: id }, 'a batch could not go on')
      return FOREIGN_MS
    }
  }

  async #take(id: string): Promise<KeptBatch> {
    const taken = await this.#deps.batches.take(id)
    if (taken === 'taken' || taken === 'gone') throw new NotOursError()
    return taken
  }

  #stepOf(batch: KeptBatch): Promise<Next> {
    const { status } = batch.state
    if (isBatchOver(status)) return this.#tidy(batch)
    if (status === 'validating') return this.#validate(batch)
    if (status === 'finalizing') return this.#finalize(batch)
    if (status === 'running' && batch.nowMs >= deadlineOf(batch)) return this.#become(batch, 'expiring')
    return this.#goOn(batch)
  }

  async #change(batch: KeptBatch, more: Partial<BatchState>, change?: BatchChange): Promise<void> {
    const outcome = await this.#deps.batches.change(batch, { ...batch.state, ...more }, change)
    if (outcome !== 'done') throw new NotOursError()
  }

  async #become(
    batch: KeptBatch,
    status: BatchStatus,
    more: Partial<BatchState> = {},
    change?: BatchChange,
  ): Promise<Next> {
    const times = { ...batch.state.times, [status]: batch.nowMs }
    await this.#change(batch, { status, times, waitsFor: null, ...more }, change)
    return 'again'
  }

  /** Reads all lines of a file before any of them is submitted. */
  async #validate(batch: KeptBatch): Promise<Next> {
    const { state } = batch
    const format = this.#deps.formats[state.format]
    const errors: BatchLineFault[] = []
    const fault = (line: number | null, code: string, message: string, path = ''): void =>
      void errors.push({ line, path, code, message })
    let at = START
    let isBroken = false
    while (at.byte < state.source.size && !isBroken) {
      const rows = await readWindow(this.#deps.results.objects, state.source, at, READ_ROWS)
      for (const { bytes, place } of rows) {
        if (!bytes) {
          fault(place.line, 'too_big', `is longer than ${LIMITS.bodyBytes} bytes`)
          isBroken = true
          break
        }
        if (isErasedLine(bytes)) continue
        try {
          format.read(bytes)
        } catch (error) {
          const { code, message, options } = problemOf(error)
          if (!options.errors) fault(place.line, code, message)
          for (const one of options.errors ?? []) fault(place.line, one.code, one.message, one.path)
        }
      }
      at = rows.at(-1)?.next ?? { ...at, byte: state.source.size }
      if (at.row > BATCH_LIMITS.rows) {
        fault(null, 'too_big', `has more than ${BATCH_LIMITS.rows} rows`)
        isBroken = true
      }
      isBroken ||= errors.length >= LIMITS.faultsShown
      await this.#still(batch)
    }
    if (at.row === 0 && errors.length === 0) fault(null, 'too_small', 'has no row')
    if (errors.length === 0) return this.#become(batch, 'running', { total: at.row })
    return this.#become(batch, 'failed', { errors: errors.slice(0, LIMITS.faultsShown) }, { ends: true })
  }

  /** It is this process' own for some seconds more. */
  async #still({ id }: KeptBatch): Promise<void> {
    await this.#take(id)
  }

  async #goOn(batch: KeptBatch): Promise<Next> {
    const { state } = batch
    if (state.at.byte < state.source.size || state.left !== null) return this.#slice(batch)
    if (state.status !== 'running' && state.canceled < state.slices.length) {
      await this.#cancels.slice(batch, state.slices[state.canceled] ?? '')
      await this.#change(batch, { canceled: state.canceled + 1 })
      return 'again'
    }
    const { made, succeeded, failed, canceled, purged } = await this.#deps.batches.counts(batch)
    if (made > succeeded + failed + canceled + purged) return LOOK_MS
    return this.#become(batch, 'finalizing')
  }

  async #slice(batch: KeptBatch): Promise<Next> {
    const { state } = batch
    const stopped =
      state.status === 'canceling' || state.status === 'expiring' ? BATCH_STOPPED[state.status] : undefined
    const { waitMs, ...next } = await this.#slices.next(batch, { stop: stopped, onStep: () => this.#still(batch) })
    const isNews = next.at !== state.at || next.left !== state.left || next.waitsFor !== state.waitsFor
    if (isNews) await this.#change(batch, next)
    return waitMs === 0 ? 'again' : waitMs
  }

  async #finalize(batch: KeptBatch): Promise<Next> {
    const { id, tenant, state } = batch
    const format = this.#deps.formats[state.format]
    // Chosen before they are written: whoever writes them again writes the same files.
    if (state.results === null) {
      const faults = format.partsFaults ? newUploadId(tenant) : null
      await this.#change(batch, { results: newUploadId(tenant), faults })
      return 'again'
    }
    const isOver = state.times.canceling !== undefined || batch.nowMs >= deadlineOf(batch)
    const writer = new ResultWriter(this.#deps.results, batch, { format, isOver, onStep: () => this.#still(batch) })
    try {
      await writer.write(state.results, `${id}_results.jsonl`)
      if (state.faults !== null && writer.unsuccessful.count > 0)
        await writer.writeFaults(state.faults, `${id}_errors.jsonl`)
    } catch (error) {
      if (error instanceof NotEndedError) return FOREIGN_MS
      throw error
    }
    const { counts, unsuccessful } = writer
    const status = state.times.canceling ? 'canceled' : state.times.expiring ? 'expired' : 'completed'
    const end = { slices: [], letGo: [...state.letGo, ...objectsOf(state.slices)] }
    return this.#become(batch, status, { ...end, counts, unsuccessful: unsuccessful.toString() }, { ends: true })
  }

  /** What is left to do of one that has ended. Each part may be done twice. */
  async #tidy(batch: KeptBatch): Promise<Next> {
    const { id, tenant, state } = batch
    const { batches, deliveries } = this.#deps
    const body = batchMessage(batch, await countsOf({ batches }, batch))
    await deliveries.send(tenant, { webhookId: `evt_${id}_ended`, event: BATCH_EVENT, url: state.webhook, body })
    await batches.endParts(batch)
    const keptMs = (finishedOf(batch) ?? batch.nowMs) + state.keptSeconds * 1000 - batch.nowMs
    await letGo(this.#deps.drops, batch, state.letGo)
    await this.#change(batch, { parts: [], letGo: [] }, { keptMs: Math.max(0, keptMs) })
    return LOOK_MS
  }

  /** Batches whose time is over, with all that they hold. */
  async #forgetOld(): Promise<void> {
    const { batches, drops } = this.#deps
    for (const id of await batches.due()) {
      const batch = await batches.find(id)
      if (batch) for (const holder of heldBy(batch)) await dropHold(drops, batch.tenant, holder)
      await batches.forget(id)
    }
  }
}

/** The batch holds its rows; its files of results are nobody else's. */
export const heldBy = ({ id, state }: KeptBatch): string[] =>
  [id, state.results, state.faults].filter((holder) => holder !== null)
