/**
 * Submits the next rows of a batch. What became of them is written down, and then the batch goes on behind them. Whoever is killed in
 * between has them submitted again, and each is answered with the job that is there. Rows of a model that takes none just now are passed
 * over, and tried again later. Called by BatchRunner.
 */
import { forEachLimited } from '@millrace/async'
import type { BatchState, BatchUpkeep, KeptBatch, LeftRows, RowPlace } from '@millrace/queue'
import { problemOf } from '../http/middleware/answer-error.ts'
import type { SubmitDeps } from '../submit/submit-job.ts'
import { type BeginDeps, storeHeld } from './begin-batch.ts'
import { deadlineOf } from './batch-view.ts'
import { HeldUp, mayComeAgain } from './held-up.ts'
import { leftRowsOf, LOOK_AHEAD, type LookAhead, mayGoAhead, toLeft } from './rows/left-rows.ts'
import { RowBits } from './rows/row-bits.ts'
import { type RawRow, readWindow } from './rows/row-window.ts'
import { type RowNote, writeNotes } from './rows/slice-notes.ts'
import { refusedRow, type RowDeps, type RowStop, SubmitRow } from './submit-row.ts'

export interface SliceDeps extends RowDeps {
  batches: Pick<BatchUpkeep, 'beginPart' | 'jobOfKey'>
  files: BeginDeps['files']
  objects: SubmitDeps['objects']
  /** Default: LOOK_AHEAD. */
  lookAhead?: LookAhead | undefined
}

/** Rows of a slice. Each slice is an object, and a step of the batch. */
const SLICE_ROWS = 500
/** Submits at once. */
const AT_ONCE = 64
/** The counts of its jobs are kept so long after its deadline, should nobody end it. Seconds. */
const PART_KEPT = 7 * 86_400

/** What is new in the state of the batch. `waitMs`: it can go on only then; 0: at once. */
export type SliceEnd = Pick<BatchState, 'at' | 'left' | 'submitted' | 'refused' | 'slices' | 'parts' | 'waitsFor'> & {
  waitMs: number
}

export interface SliceOptions {
  /** No row is submitted any more. */
  stop?: RowStop | undefined
  /** Tells that this process is still about it. */
  onStep(): Promise<void>
}

/** What one step did. */
interface Pass {
  notes: RowNote[]
  heldUp: HeldUp
  /** The models that have a part of the batch. */
  parts: Set<string>
}

export class SubmitSlice {
  readonly #deps: SliceDeps
  readonly #rows: SubmitRow
  readonly #lookAhead: LookAhead

  constructor(deps: SliceDeps) {
    this.#deps = deps
    this.#rows = new SubmitRow(deps)
    this.#lookAhead = deps.lookAhead ?? LOOK_AHEAD
  }

  /** Rows that were passed over come first when their time has come, then those behind all. */
  async next(batch: KeptBatch, options: SliceOptions): Promise<SliceEnd> {
    const { state, nowMs } = batch
    const { left, waitsFor } = state
    const isDue = options.stop !== undefined || waitsFor === null || nowMs >= waitsFor.untilMs
    if (left && isDue) return this.#again(batch, left, options)
    if (mayGoAhead(state, this.#lookAhead)) return this.#goAhead(batch, options)
    return { ...state, waitMs: Math.max(1, (waitsFor?.untilMs ?? nowMs) - nowMs) }
  }

  async #goAhead(batch: KeptBatch, options: SliceOptions): Promise<SliceEnd> {
    const { state } = batch
    const meant = state.rows === null ? undefined : new RowBits(state.rows)
    const window = await readWindow(this.#deps.objects, state.source, state.at, SLICE_ROWS)
    const rows = window.filter(({ place }) => meant?.has(place.row) ?? true)
    const pass = passOver(state, state.left?.models ?? [])
    await this.#try(batch, rows, pass, options)
    const left = leftRowsOf(state.left)
    for (const { place } of rows) left.add(place.row)
    const at = window.at(-1)?.next ?? { ...state.at, byte: state.source.size }
    const from = state.left?.from ?? rows[0]?.place ?? state.at
    return this.#end(batch, pass, { at, from, left, isWhole: true })
  }

  /** In the order in which they were passed over, until as many had their turn as a slice has. */
  async #again(batch: KeptBatch, left: LeftRows, options: SliceOptions): Promise<SliceEnd> {
    const { state } = batch
    const known = leftRowsOf(left)
    const pass = passOver(state, [])
    let from = left.from
    let first: RowPlace | undefined
    while (from.byte < state.at.byte && pass.notes.length < SLICE_ROWS && !pass.heldUp.hasAll(left.models)) {
      const window = await readWindow(this.#deps.objects, state.source, from, this.#lookAhead.rows)
      const rows = window.filter(({ place }) => known.has(place.row)).slice(0, SLICE_ROWS)
      await this.#try(batch, rows, pass, options)
      const done = new Set(pass.notes.map(({ row }) => row))
      first ??= window.find(({ place }) => known.has(place.row) && !done.has(place.row))?.place
      from = (rows.length === SLICE_ROWS ? rows : window).at(-1)?.next ?? state.at
    }
    const isWhole = from.byte >= state.at.byte || pass.heldUp.hasAll(left.models)
    return this.#end(batch, pass, { at: state.at, from: first ?? from, left: known, isWhole })
  }

  async #try(batch: KeptBatch, raws: readonly RawRow[], pass: Pass, { stop, onStep }: SliceOptions): Promise<void> {
    const rows = await this.#rows.read(batch, raws)
    await this.#beginParts(
      batch,
      rows.flatMap(({ model }) => model ?? []),
      pass,
    )
    const { notes, heldUp, parts } = pass
    await forEachLimited(rows, AT_ONCE, async (row, i) => {
      if (!stop && heldUp.has(row.model)) return
      const isMixed = parts.size > 1
      try {
        notes.push(await (stop ? this.#rows.leave(batch, row, stop) : this.#rows.submit(batch, row, isMixed)))
      } catch (error) {
        const problem = problemOf(error)
        if (mayComeAgain(problem)) heldUp.note(problem, row.model, isMixed)
        else notes.push(refusedRow(row, problem))
      }
      if (i % AT_ONCE === 0) await onStep()
    })
  }

  /** Each model of these rows counts the jobs of the batch from now on. */
  async #beginParts(batch: KeptBatch, models: readonly string[], { parts }: Pass): Promise<void> {
    for (const name of new Set(models)) {
      if (!parts.has(name) && (await this.#deps.submit.models.get(name))) parts.add(name)
    }
    const seconds = Math.ceil((deadlineOf(batch) - batch.nowMs) / 1000) + PART_KEPT
    // Those that were known before, too: they may have been lost since.
    for (const name of parts) await this.#deps.batches.beginPart(batch.id, name, Math.max(PART_KEPT, seconds))
  }

  /** `left`: those that were to have their turn. `isWhole`: each of them was looked at. */
  async #end(
    { id, tenant, nowMs, state }: KeptBatch,
    { notes, heldUp, parts }: Pass,
    { at, from, left, isWhole }: { at: RowPlace; from: RowPlace; left: Set<number>; isWhole: boolean },
  ): Promise<SliceEnd> {
    notes.sort((a, b) => a.row - b.row)
    for (const { row } of notes) left.delete(row)
    const own = notes.length === 0 ? [] : [(await storeHeld(this.#deps, tenant, id, writeNotes(notes))).key]
    // Of those that were not looked at it is known only what was known before.
    const models = isWhole || heldUp.models === null ? heldUp.models : (state.left?.models ?? null)
    const ahead = { at, left: toLeft(from, left, models) }
    const still = state.waitsFor && state.waitsFor.untilMs > nowMs ? state.waitsFor : undefined
    const fresh = heldUp.waits && { code: heldUp.waits.code, untilMs: nowMs + heldUp.waits.seconds * 1000 }
    const waitsFor = ahead.left !== null && isWhole ? (still ?? fresh ?? null) : null
    const mustWait = waitsFor !== null && !mayGoAhead({ ...state, ...ahead }, this.#lookAhead)
    return {
      ...ahead,
      submitted: state.submitted + notes.length,
      refused: state.refused + notes.filter(({ jobId }) => jobId === null).length,
      slices: [...state.slices, ...own],
      parts: [...parts],
      waitsFor,
      waitMs: mustWait ? Math.max(1, waitsFor.untilMs - nowMs) : 0,
    }
  }
}

const passOver = ({ parts }: BatchState, heldUp: readonly string[]): Pass => ({
  ...{ notes: [], heldUp: new HeldUp(heldUp), parts: new Set(parts) },
})
