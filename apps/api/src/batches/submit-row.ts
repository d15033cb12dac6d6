/**
 * Submits one row of a batch, once: by a key of its own that nobody else can know, or by the one that its client gave. Whoever submits it
 * again is answered with the job that is there. Called by SubmitSlice.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { type JobId, ProblemError } from '@millrace/contracts'
import { type BatchState, type BatchUpkeep, type KeptBatch, newJobId } from '@millrace/queue'
import { type Principal, toModels } from '../http/access/principal.ts'
import { problemOf } from '../http/middleware/answer-error.ts'
import { findNamed } from '../models/find-model.ts'
import type { ModelCache } from '../models/model-cache.ts'
import { routeSubmit } from '../submit/route-submit.ts'
import { submitJob, type SubmitDeps } from '../submit/submit-job.ts'
import { isErasedLine, ROW_ERASED } from './rows/erased-line.ts'
import { type ReadRow, refusalOf, type RowFormats } from './rows/row-format.ts'
import type { RawRow } from './rows/row-window.ts'
import type { RowNote } from './rows/slice-notes.ts'

export interface RowDeps {
  batches: Pick<BatchUpkeep, 'jobOfKey'>
  submit: SubmitDeps & { models: ModelCache }
  formats: RowFormats
}

/** A row as it was read, or why it could not be. */
export interface KnownRow {
  raw: RawRow
  read: ReadRow | ProblemError
  /** Null: neither it nor the batch names one. */
  model: string | null
  isErased: boolean
}

/** Why no row is submitted any more. */
export interface RowStop {
  code: string
  message: string
}

/** A batch leaves its tenant this part of the open jobs that it may have: for what is not in batches. */
const PART_OF_OPEN = 0.8
/** Of several models, each takes this part of what the others leave: so one whose jobs do not move has room for the rest. */
const PART_OF_MODEL = 0.5
/** Rows that are read before other requests have their turn. */
const READ_AT_ONCE = 100

export class SubmitRow {
  readonly #deps: RowDeps

  constructor(deps: RowDeps) {
    this.#deps = deps
  }

  async read({ state }: KeptBatch, rows: readonly RawRow[]): Promise<KnownRow[]> {
    const known: KnownRow[] = []
    for (const raw of rows) {
      if (known.length % READ_AT_ONCE === READ_AT_ONCE - 1) await turn()
      const read = this.#readOne(state, raw)
      const model = (read instanceof ProblemError ? null : read.model) ?? state.model
      known.push({ raw, read, model, isErased: raw.bytes !== undefined && isErasedLine(raw.bytes) })
    }
    return known
  }

  #readOne({ format }: BatchState, { bytes }: RawRow): KnownRow['read'] {
    if (!bytes) return new ProblemError('body_too_large', { detail: 'The line is too long.' })
    try {
      return this.#deps.formats[format].read(bytes)
    } catch (error) {
      return problemOf(error)
    }
  }

  /** `isMixed`: the batch has rows of several models. Rejects with ProblemError. */
  async submit(batch: KeptBatch, row: KnownRow, isMixed: boolean): Promise<RowNote> {
    const { id, state } = batch
    const { submit } = this.#deps
    if (row.isErased) return erasedRow(row)
    const read = readOf(row)
    const principal = principalOf(batch)
    const { manifest } = await findNamed(submit.models, principal, modelOf(row))
    const input = typeof read.input === 'function' ? read.input(manifest) : read.input
    const fresh = newJobId(manifest.name)
    const { record } = await submitJob(
      {
        ...submit,
        limits: (tenant) => this.#limitsOf(tenant),
        openJobs: isMixed ? this.#openShare() : submit.openJobs,
      },
      {
        ...(await routeSubmit(submit.models, manifest, fresh)),
        ...{ principal, id: fresh, batch: id, base: state.base },
        ...{ input, fields: read.fields, bytes: row.raw.bytes?.length },
        idempotencyKey: keyOf(state, row.raw, read),
      },
    )
    return { row: row.raw.place.row, customId: read.customId, jobId: record.id, refusal: null, told: read.told }
  }

  /** Not all that the tenant may have open. */
  async #limitsOf(tenant: string): Promise<Awaited<ReturnType<SubmitDeps['limits']>>> {
    const limits = await this.#deps.submit.limits(tenant)
    return { ...limits, open_jobs: Math.max(1, Math.floor(limits.open_jobs * PART_OF_OPEN)) }
  }

  #openShare(): SubmitDeps['openJobs'] {
    const { openJobs } = this.#deps.submit
    return {
      mostIn: async (...of) => Math.ceil((await openJobs.mostIn(...of)) * PART_OF_MODEL),
      noteKept: (...of) => openJobs.noteKept(...of),
      others: (...of) => openJobs.others(...of),
    }
  }

  /** It is submitted no more. A process that was killed may have submitted it and not said so: that is looked for. */
  async leave({ tenant, state }: KeptBatch, row: KnownRow, { code, message }: RowStop): Promise<RowNote> {
    const { raw, read, model, isErased } = row
    if (isErased) return erasedRow(row)
    if (read instanceof ProblemError) return refusedRow(row, read)
    const jobId: JobId | undefined =
      model === null ? undefined : await this.#deps.batches.jobOfKey(tenant, model, keyOf(state, raw, read))
    const refusal = jobId === undefined ? { code, message } : null
    return { row: raw.place.row, customId: read.customId, jobId: jobId ?? null, refusal, told: read.told }
  }
}

/** No job is made of it. */
export const refusedRow = ({ raw, read }: KnownRow, problem: ProblemError): RowNote => ({
  ...{ row: raw.place.row, customId: read instanceof ProblemError ? null : read.customId, jobId: null },
  refusal: refusalOf(problem),
})

const erasedRow = ({ raw }: KnownRow): RowNote => ({
  ...{ row: raw.place.row, customId: null, jobId: null, refusal: ROW_ERASED },
})

function readOf({ read }: KnownRow): ReadRow {
  if (read instanceof ProblemError) throw read
  return read
}

function modelOf({ model }: KnownRow): string {
  if (model !== null) return model
  const fault = { path: '/model', code: 'required', message: 'names the model, or the batch has to' }
  throw new ProblemError('invalid_request', { errors: [fault] })
}

/** A row of a batch that is made again is another submit, whatever key it had. */
const keyOf = ({ salt, retryOf }: BatchState, { place }: RawRow, { key }: ReadRow): string =>
  key !== null && retryOf === null ? key : `${salt}.${place.row}`

function principalOf({ tenant, state }: KeptBatch): Principal {
  return { tenant, key: state.key, scopes: new Set(state.scopes), models: toModels(state.models) }
}
