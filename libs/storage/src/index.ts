/**
 * The entry of the object store package: its port by role, how a store is opened and watched, and blobs. The API, the worker
 * and the command line use it.
 */
export * from './port/direct-access.ts'
export * from './port/object-info.ts'
export * from './port/object-store.ts'
export * from './open-configured-store.ts'
export * from './open-object-store.ts'
export * from './port/storage-error.ts'
export {
  FileInspection,
  FileLook,
  FileRefusedError,
  inspectObject,
  type InspectionRules,
  type RefusalCode,
} from './blobs/file-inspection.ts'
export * from './blobs/hash-object.ts'
export * from './blobs/purge-job.ts'
export * from './blobs/store-blob.ts'
export * from './folder/folder-store.ts'
export { objectKey } from './rules/object-key.ts'
export type { S3Settings } from './s3/s3-settings.ts'
export * from './watch/data-set.ts'
export * from './watch/store-fault.ts'
export * from './watch/store-watch.ts'
export * from './watch/try-store.ts'
