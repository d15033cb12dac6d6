/**
 * The outputs of jobs as they come into the results of their batch: as text; or, of one that is too large for a line, as the address of a
 * file that is kept as long as the results are. Used by ResultWriter.
 */
import { text as textOf } from 'node:stream/consumers'
import { BATCH_LIMITS, type StoredFile } from '@millrace/contracts'
import { type KeptBatch, uploadIdFrom } from '@millrace/queue'
import { StorageError } from '@millrace/storage'
import { JsonSplicer, spliceJson } from '../views/splice-json.ts'
import type { RowEnd } from './rows/row-format.ts'
import { storeFile, type StoreFileDeps } from './store-file.ts'

type Output = Pick<RowEnd, 'output' | 'outputUrl'>

/** Outputs are read together as far as they have so many bytes. */
const GROUP_BYTES = BATCH_LIMITS.outputBytes
const STEP_MS = 2000
const NONE: Output = { output: 'null', outputUrl: null }

/** Neighbours whose outputs are read together, so that no results take more memory than that. */
export function* groupsOf(ends: readonly RowEnd[]): Generator<RowEnd[]> {
  let group: RowEnd[] = []
  let bytes = 0
  for (const end of ends) {
    const size = Math.min(sizeOf(end), GROUP_BYTES)
    if (group.length > 0 && bytes + size > GROUP_BYTES) {
      yield group
      group = []
      bytes = 0
    }
    group.push(end)
    bytes += size
  }
  if (group.length > 0) yield group
}

function sizeOf({ record }: RowEnd): number {
  const output = record?.status === 'succeeded' ? record.output : null
  return output !== null && 'stored' in output ? output.stored.size : 0
}

/** `onStep` is called now and then while a large one is copied. */
export async function outputOf(
  deps: StoreFileDeps,
  batch: KeptBatch,
  { row, record }: RowEnd,
  onStep: () => Promise<void>,
): Promise<Output> {
  if (record?.status !== 'succeeded' || record.output === null) return NONE
  const { output, output_files: files } = record
  const { base } = batch.state
  const views = new Map(files.map((file) => [file.pointer, JSON.stringify(fileOf(file, base))]))
  try {
    if ('inline' in output) return { ...NONE, output: new JsonSplicer(views).push(output.inline) }
    const { key, size } = output.stored
    const bytes = await deps.objects.get(key)
    if (size > BATCH_LIMITS.outputBytes)
      return await ownFile(deps, batch, row, stepping(spliceJson(bytes, views), onStep))
    return { ...NONE, output: new JsonSplicer(views).push(await textOf(bytes)) }
  } catch (error) {
    if (error instanceof StorageError && error.fault === 'missing') return NONE
    throw error
  }
}

/** Whoever writes the results again writes the same file. */
async function ownFile(
  deps: StoreFileDeps,
  batch: KeptBatch,
  row: number,
  body: AsyncIterable<Buffer>,
): Promise<Output> {
  const id = uploadIdFrom(batch.tenant, `${batch.id}\n${row}`)
  await storeFile(deps, batch, { id, name: `${batch.id}_${row}.json`, contentType: 'application/json' }, body)
  return { output: 'null', outputUrl: `${batch.state.base}/v1/files/${id}/content` }
}

async function* stepping(chunks: AsyncIterable<Buffer>, onStep: () => Promise<void>): AsyncGenerator<Buffer> {
  let steppedMs = performance.now()
  for await (const chunk of chunks) {
    yield chunk
    if (performance.now() - steppedMs < STEP_MS) continue
    await onStep()
    steppedMs = performance.now()
  }
}

/** A file of an output. Signed addresses would end long before the results do, so its address needs a key. */
const fileOf = ({ id, content_type, size, sha256, name }: StoredFile, base: string) => ({
  ...{ object: 'file', id, url: `${base}/v1/files/${id}/content`, content_type, size, sha256, name },
})
