/**
 * Submits the next rows of a batch, each once: by a key of its own that nobody else can know, or by the one that its client gave. What
 * became of them is written down, and then the batch goes on behind them. Whoever is killed in between has them submitted again, and each
 * is answered with the job that is there. Called by BatchRunner.
 */
import { forEachLimited } from '@millrace/async'
import { type JobId, ProblemError } from '@millrace/contracts'
import { type BatchState, type BatchUpkeep, type KeptBatch, newJobId } from '@millrace/queue'
import { type Principal, toModels } from '../http/access/principal.ts'
import type { FindLimits } from '../http/limits/find-limits.ts'
import { problemOf } from '../http/middleware/answer-error.ts'
import { findNamed } from '../models/find-model.ts'
import type { ModelCache } from '../models/model-cache.ts'
import { routeSubmit } from '../submit/route-submit.ts'
import { submitJob, type SubmitDeps } from '../submit/submit-job.ts'
import { type BeginDeps, storeHeld } from './begin-batch.ts'
import { deadlineOf } from './batch-view.ts'
import { type ReadRow, refusalOf, type RowFormats } from './rows/row-format.ts'
import { RowBits } from './rows/row-bits.ts'
import { type RawRow, readWindow } from './rows/row-window.ts'
import { type RowNote, writeNotes } from './rows/slice-notes.ts'

export interface SliceDeps {
  batches: Pick<BatchUpkeep, 'beginPart' | 'jobOfKey'>
  files: BeginDeps['files']
  objects: SubmitDeps['objects']
  submit: SubmitDeps & { models: ModelCache }
  formats: RowFormats
  limits: FindLimits
}

/** Rows of a slice. Each slice is an object, and a step of the batch. */
const SLICE_ROWS = 500
/** Submits at once. */
const AT_ONCE = 64
/** A batch leaves its tenant this part of the open jobs that it may have: for what is not in batches. */
const PART_OF_OPEN = 0.8
/** The counts of its jobs are kept so long after its deadline, should nobody end it. Seconds. */
const PART_KEPT = 7 * 86_400
/** Where nothing else is said, it is tried again after this. Seconds. */
const WAIT_SECONDS = 2

/** What is new in the state of the batch. `waits`: it is to go on only later. */
export type SliceEnd = Pick<BatchState, 'at' | 'submitted' | 'refused' | 'slices' | 'parts'> & {
  waits: { code: string; seconds: number } | undefined
}

/** `stop`: no row is submitted any more. A process that was killed may have submitted some and not said so: these are looked for. */
export interface SliceOptions {
  stop?: { code: string; message: string } | undefined
  /** Tells that this process is still about it. */
  onStep(): Promise<void>
}

export class SubmitSlice {
  readonly #deps: SliceDeps

  constructor(deps: SliceDeps) {
    this.#deps = deps
  }

  async next(batch: KeptBatch, { stop, onStep }: SliceOptions): Promise<SliceEnd> {
    const { id, tenant, state } = batch
    const meant = state.rows === null ? undefined : new RowBits(state.rows)
    const window = await readWindow(this.#deps.objects, state.source, state.at, SLICE_ROWS)
    const rows = window.filter(({ place }) => meant?.has(place.row) ?? true)
    const parts = await this.#beginParts(batch, rows)
    const notes: (RowNote | undefined)[] = rows.map(() => undefined)
    let waits: SliceEnd['waits']
    await forEachLimited(rows, AT_ONCE, async (raw, i) => {
      if (waits) return
      try {
        notes[i] = stop ? await this.#leave(batch, raw, stop) : await this.#submit(batch, raw)
      } catch (error) {
        const problem = problemOf(error)
        if (!mayComeAgain(problem)) notes[i] = this.#refused(batch, raw, problem)
        else waits ??= { code: problem.code, seconds: problem.options.retryAfter ?? WAIT_SECONDS }
      }
      if (i % AT_ONCE === 0) await onStep()
    })
    const missing = notes.indexOf(undefined)
    const done = (missing === -1 ? notes : notes.slice(0, missing)) as RowNote[]
    const last = missing === -1 ? window.at(-1)?.next : rows[missing]?.place
    const own = done.length === 0 ? [] : [(await storeHeld(this.#deps, tenant, id, writeNotes(done))).key]
    return {
      at: last ?? { ...state.at, byte: state.source.size },
      submitted: state.submitted + done.length,
      refused: state.refused + done.filter(({ jobId }) => jobId === null).length,
      slices: [...state.slices, ...own],
      parts,
      waits,
    }
  }

  /** Each model of these rows counts the jobs of the batch from now on. */
  async #beginParts(batch: KeptBatch, rows: readonly RawRow[]): Promise<string[]> {
    const { id, nowMs, state } = batch
    const parts = new Set(state.parts)
    for (const raw of rows) {
      const name = this.#modelOf(batch, raw)
      if (name === undefined || parts.has(name)) continue
      const known = await this.#deps.submit.models.get(name)
      if (known) parts.add(name)
    }
    const seconds = Math.ceil((deadlineOf(batch) - nowMs) / 1000) + PART_KEPT
    // Those that were known before, too: they may have been lost since.
    for (const name of parts) await this.#deps.batches.beginPart(id, name, Math.max(PART_KEPT, seconds))
    return [...parts]
  }

  #modelOf({ state }: KeptBatch, raw: RawRow): string | undefined {
    try {
      return this.#read(state, raw).model ?? state.model ?? undefined
    } catch {
      return undefined
    }
  }

  #read(state: BatchState, { bytes }: RawRow): ReadRow {
    if (!bytes) throw new ProblemError('body_too_large', { detail: 'The line is too long.' })
    return this.#deps.formats[state.format].read(bytes)
  }

  async #submit(batch: KeptBatch, raw: RawRow): Promise<RowNote> {
    const { id, state } = batch
    const { submit } = this.#deps
    const row = this.#read(state, raw)
    const principal = principalOf(batch)
    const model = modelNameOf(state, row)
    const { manifest } = await findNamed(submit.models, principal, model)
    const input = typeof row.input === 'function' ? row.input(manifest) : row.input
    const fresh = newJobId(manifest.name)
    const { record } = await submitJob(
      { ...submit, limits: (tenant) => this.#limitsOf(tenant) },
      {
        ...(await routeSubmit(submit.models, manifest, fresh)),
        ...{ principal, id: fresh, batch: id, base: state.base },
        ...{ input, fields: row.fields, bytes: raw.bytes?.length },
        idempotencyKey: keyOf(state, raw, row),
      },
    )
    return { row: raw.place.row, customId: row.customId, jobId: record.id, refusal: null, told: row.told }
  }

  /** Not all that the tenant may have open. */
  async #limitsOf(tenant: string): ReturnType<SubmitDeps['limits']> extends infer L ? Promise<Awaited<L>> : never {
    const limits = await this.#deps.limits(tenant)
    return { ...limits, open_jobs: Math.max(1, Math.floor(limits.open_jobs * PART_OF_OPEN)) }
  }

  async #leave(batch: KeptBatch, raw: RawRow, stop: NonNullable<SliceOptions['stop']>): Promise<RowNote> {
    const { code, message } = stop
    const row = this.#read(batch.state, raw)
    const model = row.model ?? batch.state.model
    const jobId: JobId | undefined =
      model === null ? undefined : await this.#deps.batches.jobOfKey(batch.tenant, model, keyOf(batch.state, raw, row))
    const refusal = jobId === undefined ? { code, message } : null
    return { row: raw.place.row, customId: row.customId, jobId: jobId ?? null, refusal, told: row.told }
  }

  #refused({ state }: KeptBatch, raw: RawRow, problem: ProblemError): RowNote {
    let customId: string | null = null
    try {
      customId = this.#read(state, raw).customId
    } catch {
      // A line that cannot be read has no name.
    }
    return { row: raw.place.row, customId, jobId: null, refusal: refusalOf(problem) }
  }
}

/** A row of a batch that is made again is another submit, whatever key it had. */
const keyOf = ({ salt, retryOf }: BatchState, { place }: RawRow, { key }: ReadRow): string =>
  key !== null && retryOf === null ? key : `${salt}.${place.row}`

function modelNameOf({ model }: BatchState, row: ReadRow): string {
  const name = row.model ?? model
  if (name !== null) return name
  const fault = { path: '/model', code: 'required', message: 'names the model, or the batch has to' }
  throw new ProblemError('invalid_request', { errors: [fault] })
}

function principalOf({ tenant, state }: KeptBatch): Principal {
  return { tenant, key: state.key, scopes: new Set(state.scopes), models: toModels(state.models) }
}

/** Whether the same may be accepted later. What is damaged stays so. */
function mayComeAgain(problem: ProblemError): boolean {
  if (problem.code === 'object_damaged') return false
  return problem.status === 429 || problem.status >= 500
}
