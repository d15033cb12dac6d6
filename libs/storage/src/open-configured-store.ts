import { join } from 'node:path'
import type { ObjectStore } from './object-store.ts'
import { openObjectStore } from './open-object-store.ts'

/** The settings that say where objects are; part of every process's configuration. */
export interface StoreConfig {
  dataDir: string
  s3Bucket?: string
  s3Endpoint?: string
  s3PublicEndpoint?: string
  s3Region: string
}

/** Opens the bucket that is configured, else the folder `files` of the data folder. */
export const openConfiguredStore = (config: StoreConfig): Promise<ObjectStore> =>
  openObjectStore(
    config.s3Bucket === undefined
      ? { folder: join(config.dataDir, 'files') }
      : {
          bucket: config.s3Bucket,
          endpoint: config.s3Endpoint,
          publicEndpoint: config.s3PublicEndpoint,
          region: config.s3Region,
        },
  )
