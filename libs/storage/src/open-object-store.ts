/** The one door to the object store: settings in, a driver out. Called by the API's and the worker's start. */
import { FolderStore } from './folder-store.ts'
import type { ObjectStore } from './object-store.ts'
import type { S3Settings } from './s3-settings.ts'
import { S3Store } from './s3-store.ts'

/** A folder on this machine, or a bucket. */
export type ObjectStoreSettings = { folder: string } | S3Settings

/**
 * Opens a store. A folder is made when missing (StorageError `unavailable` when it cannot be); a bucket must exist and
 * is not asked yet: `check()` does that.
 */
export async function openObjectStore(settings: ObjectStoreSettings): Promise<ObjectStore> {
  return 'folder' in settings ? FolderStore.open(settings.folder) : new S3Store(settings)
}
