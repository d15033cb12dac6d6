/** The one door to the object store: settings in, a driver out. Called by the API's and the worker's start. */
import { FolderStore } from './folder/folder-store.ts'
import type { ObjectStore } from './port/object-store.ts'
import type { S3Settings } from './s3/s3-settings.ts'

/** A folder on this machine, or a bucket. */
export type ObjectStoreSettings = { folder: string; minFreeBytes?: number } | S3Settings

/**
 * Opens a store. A missing folder is made (StorageError `unavailable` when it cannot be made). A bucket must exist, but is
 * not asked yet: `tryStore` does that.
 */
export async function openObjectStore(settings: ObjectStoreSettings): Promise<ObjectStore> {
  if ('folder' in settings) return FolderStore.open(settings.folder, settings)
  // Loaded only when it is used, because the SDK costs 0.2 s and 8 MB.
  const { S3Store } = await import('./s3/s3-store.ts')
  return new S3Store(settings)
}
