export * from './data-set.ts'
export * from './folder-store.ts'
export * from './hash-object.ts'
export * from './object-store.ts'
export * from './open-configured-store.ts'
export * from './open-object-store.ts'
export { objectKey } from './key.ts'
export * from './s3-settings.ts'
export * from './store-fault.ts'
export * from './store-watch.ts'
export * from './try-store.ts'
export {
  FileInspection,
  FileLook,
  FileRefusedError,
  inspectObject,
  type InspectionRules,
  type RefusalCode,
} from './blobs/file-inspection.ts'
export * from './blobs/store-blob.ts'
