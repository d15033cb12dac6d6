export * from './watch/data-set.ts'
export * from './folder/folder-store.ts'
export * from './blobs/hash-object.ts'
export * from './object-store.ts'
export * from './open-configured-store.ts'
export * from './open-object-store.ts'
export { objectKey } from './rules/object-key.ts'
export * from './s3/s3-settings.ts'
export * from './watch/store-fault.ts'
export * from './watch/store-watch.ts'
export * from './watch/try-store.ts'
export {
  FileInspection,
  FileLook,
  FileRefusedError,
  inspectObject,
  type InspectionRules,
  type RefusalCode,
} from './blobs/file-inspection.ts'
export * from './blobs/store-blob.ts'
