/**
 * Takes away what a batch keeps of rows whose metadata is erased: the rows themselves, what became of them, their results and outputs. All
 * other rows stay as they are, and keep their numbers. Each step may be done twice. Called by BatchRunner, in whichever process of the API;
 * the erasure waits for it.
 */
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { isBatchOver, type UploadId } from '@millrace/contracts'
import {
  type BatchErasure,
  type BatchUpkeep,
  type FileStore,
  type KeptBatch,
  newUploadId,
  uploadIdFrom,
} from '@millrace/queue'
import { storeHeld } from './begin-batch.ts'
import { eraseLines, isErasedLine, ROW_ERASED, type Span } from './rows/erased-line.ts'
import { linesOf } from './rows/lines-of.ts'
import { RowBits } from './rows/row-bits.ts'
import type { RowFormat, RowFormats } from './rows/row-format.ts'
import { readWindow, START } from './rows/row-window.ts'
import { readNotes, writeNotes } from './rows/slice-notes.ts'
import { letGo, type LetGoDeps, objectsOf, storeFile, type StoreFileDeps } from './store-file.ts'

type Filter = BatchErasure['metadata']

export interface EraseRowsDeps extends StoreFileDeps {
  batches: Pick<BatchUpkeep, 'take' | 'change' | 'allOf' | 'erasures' | 'erased'>
  files: StoreFileDeps['files'] & LetGoDeps['files'] & Pick<FileStore, 'keep'>
  formats: RowFormats
}

interface Found {
  spans: Span[]
  rows: Set<number>
}

/** Rows that are looked at together. */
const READ_ROWS = 2000

export class EraseRows {
  readonly #deps: EraseRowsDeps

  constructor(deps: EraseRowsDeps) {
    this.#deps = deps
  }

  /** Goes on with all that are asked for. What another process has in hand is looked at again the next time. */
  async round(): Promise<void> {
    const { batches } = this.#deps
    for (const { id, tenant, metadata, untilMs } of await batches.erasures()) {
      let isDone = true
      for (const { id: batch, createdMs } of await batches.allOf(tenant)) {
        if (createdMs <= untilMs) isDone = (await this.#eraseIn(batch, metadata)) && isDone
      }
      if (isDone) await batches.erased(id)
    }
  }

  /** True when nothing of it is left. */
  async #eraseIn(id: string, metadata: Filter): Promise<boolean> {
    const batch = await this.#deps.batches.take(id)
    if (batch === 'gone') return true
    if (batch === 'taken') return false
    if (batch.state.letGo.length > 0) return this.#letGo(batch)
    const found = await this.#find(batch, metadata)
    const labels = Object.entries(batch.state.metadata)
    const left = labels.filter(([name, value]) => metadata[name] !== value)
    if (found.rows.size === 0 && left.length === labels.length) return true
    await this.#erase(batch, found, Object.fromEntries(left))
    return false
  }

  async #find(batch: KeptBatch, metadata: Filter): Promise<Found> {
    const { source, format } = batch.state
    const found: Found = { spans: [], rows: new Set() }
    for (let at = START; at.byte < source.size; ) {
      const window = await readWindow(this.#deps.objects, source, at, READ_ROWS)
      for (const { bytes, place } of window) {
        if (!bytes || !isMeant(this.#deps.formats[format], bytes, metadata)) continue
        found.spans.push({ byte: place.byte, length: bytes.length })
        found.rows.add(place.row)
      }
      at = window.at(-1)?.next ?? { ...at, byte: source.size }
      await this.#still(batch)
      await turn()
    }
    return found
  }

  /** What is new is stored first, then the batch changes to it, and then what was before is let go of. */
  async #erase(batch: KeptBatch, { spans, rows }: Found, metadata: Filter): Promise<void> {
    const { id, tenant, state } = batch
    const { objects, batches } = this.#deps
    if (rows.size === 0) return void (await batches.change(batch, { ...state, metadata }))
    const lines = Readable.from(eraseLines(await objects.get(state.source.key), spans))
    const source = await storeHeld(this.#deps, tenant, id, lines)
    const slices: string[] = []
    for (const key of state.slices) slices.push(await this.#slice(batch, key, rows))
    for (const row of rows) await this.#dropOutput(batch, row)
    // Those of one that has not ended are being written, and are written anew.
    const isOver = isBatchOver(state.status)
    const results = isOver ? await this.#rewrite(batch, { file: state.results, isOfFaults: false }, rows) : null
    const faults = isOver ? await this.#rewrite(batch, { file: state.faults, isOfFaults: true }, rows) : null
    const filesBefore = [state.file, state.results, state.faults].filter((file) => file !== null)
    const before = [
      ...filesBefore,
      ...objectsOf([state.source.key, ...state.slices.filter((key, n) => key !== slices[n])]),
    ]
    await batches.change(batch, { ...state, metadata, source, slices, results, faults, file: null, letGo: before })
  }

  async #slice(batch: KeptBatch, key: string, rows: ReadonlySet<number>): Promise<string> {
    const notes = await readNotes(this.#deps.objects, key)
    await this.#still(batch)
    if (!notes.some(({ row }) => rows.has(row))) return key
    const left = notes.map((note) =>
      rows.has(note.row) ? { row: note.row, customId: null, jobId: null, refusal: ROW_ERASED } : note,
    )
    return (await storeHeld(this.#deps, batch.tenant, batch.id, writeNotes(left))).key
  }

  /** Of a row whose output is a file of its own. */
  async #dropOutput(batch: KeptBatch, row: number): Promise<void> {
    const { id, tenant } = batch
    const file = uploadIdFrom(tenant, `${id}\n${row}`)
    if (await this.#deps.files.get(file, { tenant })) await letGo(this.#deps, batch, [file])
  }

  /** The same results without these rows. */
  async #rewrite(
    batch: KeptBatch,
    { file, isOfFaults }: { file: UploadId | null; isOfFaults: boolean },
    rows: ReadonlySet<number>,
  ): Promise<UploadId | null> {
    const { files, formats, objects } = this.#deps
    const { tenant, state } = batch
    const kept = file === null ? undefined : await files.get(file, { tenant })
    if (kept?.status !== 'ready') return null
    const format = formats[state.format]
    const { key, name, contentType, purpose } = kept
    const still = () => this.#still(batch)
    async function* lines(): AsyncGenerator<Buffer> {
      const numbers = rowsIn(state, format.partsFaults ? isOfFaults : undefined)
      let n = 0
      for await (const line of linesOf(await objects.get(key))) {
        const row = numbers.next().value
        yield Buffer.from(`${row !== undefined && rows.has(row) ? erasedLine(format, row) : line.toString()}\n`)
        if (++n % READ_ROWS === 0) await still()
      }
    }
    const id = newUploadId(tenant)
    await storeFile(this.#deps, batch, { id, name, contentType, purpose }, lines())
    return id
  }

  async #letGo(batch: KeptBatch): Promise<false> {
    await letGo(this.#deps, batch, batch.state.letGo)
    await this.#deps.batches.change(batch, { ...batch.state, letGo: [] })
    return false
  }

  /** It is this process' own for some seconds more. */
  async #still({ id }: KeptBatch): Promise<void> {
    const taken = await this.#deps.batches.take(id)
    if (taken === 'taken' || taken === 'gone') throw new Error('another process goes on with the batch')
  }
}

function isMeant(format: RowFormat, line: Buffer, metadata: Filter): boolean {
  const pairs = Object.entries(metadata)
  // Without an escape in it, a line says each value as it is.
  if (!line.includes('\\') && !pairs.every(([, value]) => line.includes(value))) return false
  if (isErasedLine(line)) return false
  try {
    const own = format.read(line).fields.metadata ?? {}
    return pairs.every(([name, value]) => Object.hasOwn(own, name) && own[name] === value)
  } catch {
    return false
  }
}

/** The numbers of the rows in a file of results, in their order. Undefined: it has all of them. */
function* rowsIn(
  { at, rows, unsuccessful }: KeptBatch['state'],
  isOfFaults: boolean | undefined,
): Generator<number, undefined> {
  const [meant, faulty] = [rows === null ? undefined : new RowBits(rows), new RowBits(unsuccessful)]
  for (let row = 0; row < at.row; row++) {
    const isIn = isOfFaults === undefined || faulty.has(row) === isOfFaults
    if ((meant?.has(row) ?? true) && isIn) yield row
  }
  return undefined
}

const erasedLine = (format: RowFormat, row: number): string =>
  format.write({
    ...{ row, customId: null, jobId: null, status: 'purged', output: 'null', outputUrl: null },
    ...{ error: ROW_ERASED, record: undefined, stopped: undefined, told: undefined },
  })
