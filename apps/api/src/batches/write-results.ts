/**
 * Writes the results of a batch: a line for each row, in their order, from the records of its jobs. It may be begun again at any time: the
 * jobs are not purged before the batch has ended. Called by BatchRunner.
 */
import { Readable } from 'node:stream'
import {
  type BatchCounts,
  BATCH_LIMITS,
  BATCH_OUTPUT,
  isTerminal,
  type JobId,
  type JobRecord,
  type JsonValue,
  type StoredFile,
  type UploadId,
} from '@millrace/contracts'
import { type FileStore, type JobReader, type KeptBatch, newObjectName } from '@millrace/queue'
import { type ObjectEraser, type ObjectReader, type ObjectWriter, StorageError, storeBlob } from '@millrace/storage'
import { text as textOf } from 'node:stream/consumers'
import { JsonSplicer } from '../views/splice-json.ts'
import { RowBits } from './rows/row-bits.ts'
import type { RowEnd, RowFormat } from './rows/row-format.ts'
import { readNotes, type RowNote } from './rows/slice-notes.ts'

export interface ResultDeps {
  jobs: Pick<JobReader, 'get'>
  files: Pick<FileStore, 'keepFile' | 'hold' | 'deleted'>
  objects: ObjectReader & ObjectWriter & ObjectEraser
}

/** Jobs that are read at once. */
const AT_ONCE = 50
const WRITE_MS = 30 * 60_000

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
    const { objects, files } = this.#deps
    const { id, tenant } = this.#batch
    const facts = { name, contentType: 'application/x-ndjson', purpose: BATCH_OUTPUT }
    await storeBlob(
      objects,
      {
        tenant,
        keep: (blob) => files.keepFile(tenant, file, blob, facts),
        deleted: (keys) => files.deleted(tenant, keys),
      },
      {
        object: newObjectName(),
        body: Readable.from(this.#lines(isMeant)),
        rules: { contentType: facts.contentType, maxPixels: Infinity },
        signal: AbortSignal.timeout(WRITE_MS),
      },
    )
    await files.hold(tenant, id, [], [file])
  }

  async *#lines(isMeant: (end: RowEnd) => boolean): AsyncGenerator<Buffer> {
    const { format, onStep } = this.#options
    for (const key of this.#batch.state.slices) {
      const notes = await readNotes(this.#deps.objects, key)
      for (let i = 0; i < notes.length; i += AT_ONCE) {
        const ends = await Promise.all(notes.slice(i, i + AT_ONCE).map((note) => this.#endOf(note)))
        const text = ends
          .filter(isMeant)
          .map((end) => `${format.write(end)}\n`)
          .join('')
        if (text !== '') yield Buffer.from(text)
      }
      await onStep()
    }
  }

  async #endOf({ row, customId, jobId, refusal, told }: RowNote): Promise<RowEnd> {
    const { canceling, expiring } = this.#batch.state.times
    const stopped = canceling !== undefined ? 'canceling' : expiring !== undefined ? 'expiring' : undefined
    const none = { row, customId, jobId, output: 'null', outputUrl: null, record: undefined, told, stopped } as const
    if (jobId === null) return { ...none, status: statusOf(refusal?.code), error: refusal }
    const found = await this.#deps.jobs.get(jobId as JobId, { tenant: this.#batch.tenant })
    if (found.outcome !== 'found') {
      const error = { code: 'job_purged', message: 'The job was purged before the results were written.' }
      return { ...none, jobId, status: 'purged', error }
    }
    const { record } = found
    const { status, error } = record
    if (!isTerminal(status)) {
      if (!this.#options.isOver) throw new NotEndedError()
      return { ...none, jobId, status: 'canceled', error: LEFT_OPEN }
    }
    const { output, outputUrl } = await this.#outputOf(record)
    return {
      ...{ ...none, jobId, status: status as RowEnd['status'], error: status === 'failed' ? error : null },
      ...{ output, outputUrl, record },
    }
  }

  async #outputOf({ id, status, output, output_files }: JobRecord): Promise<Pick<RowEnd, 'output' | 'outputUrl'>> {
    if (output === null || status !== 'succeeded') return { output: 'null', outputUrl: null }
    const { base } = this.#batch.state
    const kept = await this.#textOf(output)
    if (kept === undefined) return { output: 'null', outputUrl: `${base}/v1/jobs/${id}/output` }
    if (output_files.length === 0) return { output: kept, outputUrl: null }
    const views = new Map(output_files.map((file) => [file.pointer, JSON.stringify(fileOf(file, base))]))
    return { output: new JsonSplicer(views).push(kept), outputUrl: null }
  }

  /** Undefined: it is too large for the results. */
  async #textOf(value: JsonValue): Promise<string | undefined> {
    if ('inline' in value) return value.inline
    const { key, size } = value.stored
    if (size > BATCH_LIMITS.outputBytes) return undefined
    try {
      return await textOf(await this.#deps.objects.get(key))
    } catch (error) {
      if (error instanceof StorageError && error.fault === 'missing') return 'null'
      throw error
    }
  }
}

/** Rows that were left out because the batch was stopped are no refusals. */
const statusOf = (code: string | undefined): RowEnd['status'] =>
  code === BATCH_STOPPED.canceling.code || code === BATCH_STOPPED.expiring.code ? 'canceled' : 'refused'

const LEFT_OPEN = { code: 'batch_ended', message: 'The batch ended before this job, which was there before it.' }

/** Why rows were not submitted any more. */
export const BATCH_STOPPED = {
  canceling: { code: 'batch_canceled', message: 'The batch was canceled before this row was submitted.' },
  expiring: { code: 'batch_expired', message: 'The batch expired before this row was submitted.' },
} as const

/** A file of an output. Signed addresses would end long before the results do, so its address needs a key. */
const fileOf = ({ id, content_type, size, sha256, name }: StoredFile, base: string) => ({
  ...{ object: 'file', id, url: `${base}/v1/files/${id}/content`, content_type, size, sha256, name },
})
