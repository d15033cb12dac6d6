/** What a batch holds beside its rows: files that are kept as long as it is; and how it lets go of what it held. Called for results, outputs and slices. */
import { Readable } from 'node:stream'
import { blobOfKey, type UploadId } from '@millrace/contracts'
import { type FileStore, type KeptBatch, newObjectName } from '@millrace/queue'
import {
  deleteBlobs,
  dropHold,
  type ObjectEraser,
  type ObjectReader,
  type ObjectWriter,
  storeBlob,
} from '@millrace/storage'

export interface StoreFileDeps {
  files: Pick<FileStore, 'keepFile' | 'hold' | 'deleted'>
  objects: ObjectReader & ObjectWriter & ObjectEraser
}

export interface OwnFile {
  id: UploadId
  name: string
  contentType: string
  /** See FileFacts. */
  purpose?: string | undefined
}

/** If it takes longer, the store counts as away. Milliseconds. */
const STORE_MS = 30 * 60_000

/** Whoever stores it again stores the same. */
export async function storeFile(
  { objects, files }: StoreFileDeps,
  { id: batch, tenant }: Pick<KeptBatch, 'id' | 'tenant'>,
  { id, ...facts }: OwnFile,
  body: AsyncIterable<Buffer>,
): Promise<void> {
  await storeBlob(
    objects,
    {
      tenant,
      keep: (blob) => files.keepFile(tenant, id, blob, facts),
      deleted: (keys) => files.deleted(tenant, keys),
    },
    {
      ...{ object: newObjectName(), body: Readable.from(body), signal: AbortSignal.timeout(STORE_MS) },
      rules: { contentType: facts.contentType, maxPixels: Infinity },
    },
  )
  await files.hold(tenant, batch, [], [id])
}

export interface LetGoDeps {
  files: Pick<FileStore, 'letGo' | 'get' | 'release' | 'deleted'>
  objects: ObjectEraser
}

/** As the state of a batch names objects that it lets go of. */
export const objectsOf = (keys: readonly string[]): string[] => keys.flatMap((key) => blobOfKey(key)?.object ?? [])

/** Lets go of objects and files, and deletes what nobody needs any more. Safe to repeat. */
export async function letGo(
  { files, objects }: LetGoDeps,
  { id, tenant }: Pick<KeptBatch, 'id' | 'tenant'>,
  items: readonly string[],
): Promise<void> {
  if (items.length === 0) return
  const register = { deleted: (keys: readonly string[]) => files.deleted(tenant, keys) }
  await deleteBlobs(objects, register, await files.letGo(tenant, id, items))
  for (const item of items) {
    const kept = isFile(item) ? await files.get(item, { tenant }) : undefined
    // A file that something else uses stays for that.
    if (kept?.status === 'ready' && kept.keptUntil !== null) await dropHold({ files, objects }, tenant, item)
  }
}

const isFile = (item: string): item is UploadId => item.startsWith('file_')
