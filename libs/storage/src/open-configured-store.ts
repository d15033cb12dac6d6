/** Opens the object store that the settings of a process name. Called where the API, the worker and the commands start. */
import { join } from 'node:path'
import type { ObjectStore } from './port/object-store.ts'
import { openObjectStore } from './open-object-store.ts'

/** The settings that say where objects are; part of every process's configuration. */
export interface StoreConfig {
  dataDir: string
  minFreeBytes?: number
  s3Bucket?: string
  s3Prefix?: string
  s3Endpoint?: string
  s3PublicEndpoint?: string
  s3Region?: string
  s3PathStyle?: boolean
  s3Encryption?: 'AES256' | 'aws:kms'
  s3KmsKeyId?: string
  s3Checksums?: 'supported' | 'required'
}

/**
 * Opens the bucket that is configured, or else the folder `files` of the data folder. The AWS SDK finds the credentials:
 * AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, a profile or its file, a web identity, a role.
 */
export const openConfiguredStore = (config: StoreConfig): Promise<ObjectStore> =>
  openObjectStore(
    config.s3Bucket === undefined
      ? { folder: join(config.dataDir, 'files'), minFreeBytes: config.minFreeBytes }
      : {
          bucket: config.s3Bucket,
          prefix: config.s3Prefix,
          endpoint: config.s3Endpoint,
          publicEndpoint: config.s3PublicEndpoint,
          region: config.s3Region,
          pathStyle: config.s3PathStyle,
          checksums: config.s3Checksums === 'required' ? 'when_required' : 'when_supported',
          ...(config.s3Encryption && { encryption: { kind: config.s3Encryption, keyId: config.s3KmsKeyId } }),
        },
  )
