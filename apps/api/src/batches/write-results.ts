/**
 * Writes the results of a batch: a line for each row, in their order, from the records of its jobs. It may be begun again at any time: the
 * jobs are not purged before the batch has ended. Called by BatchRunner.
 */
import { BATCH_OUTPUT, type BatchCounts, isTerminal, type JobId, type UploadId } from '@millrace/contracts'
import type { JobReader, KeptBatch } from '@millrace/queue'
import { ROW_ERASED } from './rows/erased-line.ts'
import { notesInOrder } from './rows/notes-in-order.ts'
import { RowBits } from './rows/row-bits.ts'
import type { RowEnd, RowFormat } from './rows/row-format.ts'
import type { RowNote } from './rows/slice-notes.ts'
import { storeFile, type StoreFileDeps } from './store-file.ts'
import { groupsOf, outputOf } from './write-outputs.ts'

export interface ResultDeps extends StoreFileDeps {
  jobs: Pick<JobReader, 'get'>
}

/** Jobs that are read at once. */
const AT_ONCE = 50

/** Some job has not ended: one that was there before the batch, or one that was run again meanwhile. */
export class NotEndedError extends Error {
  constructor() {
    super('a job of the batch has not ended')
    this.name = 'NotEndedError'
  }
}

export interface ResultOptions {
  format: RowFormat
  /** It waits for no job any more. */
  isOver: boolean
  /** Tells that this process is still about it. */
  onStep(): Promise<void>
}

/** One pass over all rows. */
export class ResultWriter {
  readonly #deps: ResultDeps
  readonly #batch: KeptBatch
  readonly #options: ResultOptions
  readonly unsuccessful: RowBits
  readonly counts: BatchCounts

  constructor(deps: ResultDeps, batch: KeptBatch, options: ResultOptions) {
    this.#deps = deps
    this.#batch = batch
    this.#options = options
    this.unsuccessful = new RowBits(null, batch.state.at.row)
    const { total, submitted } = batch.state
    this.counts = { total, submitted, succeeded: 0, failed: 0, canceled: 0, refused: 0, purged: 0 }
  }

  /** Writes all rows into this file; of a format that parts them, only those that succeeded. Rejects with NotEndedError. */
  async write(file: UploadId, name: string): Promise<void> {
    const { partsFaults } = this.#options.format
    await this.#store(file, name, (end) => {
      this.counts[end.status] += 1
      const isFault = end.status !== 'succeeded'
      if (isFault) this.unsuccessful.add(end.row)
      return !(isFault && partsFaults)
    })
  }

  /** Those that are not in the first file. */
  async writeFaults(file: UploadId, name: string): Promise<void> {
    await this.#store(file, name, ({ row }) => this.unsuccessful.has(row))
  }

  async #store(file: UploadId, name: string, isMeant: (end: RowEnd) => boolean): Promise<void> {
    const facts = { id: file, name, contentType: 'application/x-ndjson', purpose: BATCH_OUTPUT }
    await storeFile(this.#deps, this.#batch, facts, this.#lines(isMeant))
  }

  async *#lines(isMeant: (end: RowEnd) => boolean): AsyncGenerator<Buffer> {
    const { format, onStep } = this.#options
    const { slices, at, rows } = this.#batch.state
    const meant = rows === null ? undefined : new RowBits(rows)
    const all = { slices, rows: at.row, isMeant: (row: number) => meant?.has(row) ?? true }
    for await (const notes of notesInOrder(this.#deps.objects, all)) {
      for (let i = 0; i < notes.length; i += AT_ONCE) {
        const ends = await Promise.all(notes.slice(i, i + AT_ONCE).map((note) => this.#endOf(note)))
        for (const group of groupsOf(ends.filter(isMeant))) {
          const written = await Promise.all(
            group.map(async (end) =>
              format.write({ ...end, ...(await outputOf(this.#deps, this.#batch, end, onStep)) }),
            ),
          )
          yield Buffer.from(written.map((line) => `${line}\n`).join(''))
          await onStep()
        }
      }
      await onStep()
    }
  }

  /** Without its output. */
  async #endOf({ row, customId, jobId, refusal, told }: RowNote): Promise<RowEnd> {
    const { canceling, expiring } = this.#batch.state.times
    const stopped = canceling !== undefined ? 'canceling' : expiring !== undefined ? 'expiring' : undefined
    const none = { row, customId, jobId, output: 'null', outputUrl: null, record: undefined, told, stopped } as const
    if (jobId === null) return { ...none, status: statusOf(refusal?.code), error: refusal }
    const found = await this.#deps.jobs.get(jobId as JobId, { tenant: this.#batch.tenant })
    if (found.outcome !== 'found') {
      const error = { code: 'job_purged', message: 'The job was purged before the results were written.' }
      return { ...none, status: 'purged', error }
    }
    const { record } = found
    const { status, error } = record
    if (!isTerminal(status)) {
      if (!this.#options.isOver) throw new NotEndedError()
      return { ...none, status: 'canceled', error: LEFT_OPEN }
    }
    return { ...none, status: status as RowEnd['status'], error: status === 'failed' ? error : null, record }
  }
}

/** Rows that were left out because the batch was stopped are no refusals. */
function statusOf(code: string | undefined): RowEnd['status'] {
  if (code === ROW_ERASED.code) return 'purged'
  return code === BATCH_STOPPED.canceling.code || code === BATCH_STOPPED.expiring.code ? 'canceled' : 'refused'
}

const LEFT_OPEN = { code: 'batch_ended', message: 'The batch ended before this job, which was there before it.' }

/** Why rows were not submitted any more. */
export const BATCH_STOPPED = {
  canceling: { code: 'batch_canceled', message: 'The batch was canceled before this row was submitted.' },
  expiring: { code: 'batch_expired', message: 'The batch expired before this row was submitted.' },
} as const
