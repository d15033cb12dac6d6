/** How a bucket is reached, on S3 or on what speaks S3 (MinIO, R2, Ceph, Garage …). Read where the driver is opened. */
import type { TransferPace } from '../rules/transfer-pace.ts'

export interface S3Settings {
  bucket: string
  /** What stands before every key, without a final slash: several installations then share a bucket. Default: nothing. */
  prefix?: string
  /** Address of the store when it is not AWS. */
  endpoint?: string
  /** Whether the bucket is part of the path (`host/bucket/key`) or of the host name. Default: true with an endpoint. */
  pathStyle?: boolean
  /** Address that clients see, for signed URLs, when it is not `endpoint`. */
  publicEndpoint?: string
  /** How the store is asked to encrypt what is written. Default: as the bucket is set up. */
  encryption?: { kind: 'AES256' | 'aws:kms'; keyId?: string }
  /** Default: as the AWS SDK finds it, and `us-east-1` with an endpoint. */
  region?: string
  /** Default: as the AWS SDK finds them (environment, profile, role). */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /**
   * Whether the store heeds `If-None-Match: *`. Default: asked of the store once. When it does not, a HEAD before each
   * put stands in for it, which two processes that write one key in the same moment can both pass.
   */
  conditionalWrites?: boolean
  /** `when_required`: no CRC checksums, for stores that refuse them. Default `when_supported`. */
  checksums?: 'when_supported' | 'when_required'
  /** Milliseconds to connect. Default 3,000. */
  connectTimeoutMs?: number
  /** Milliseconds without a byte, in either direction. Default 30,000. */
  idleTimeoutMs?: number
  /**
   * Bytes per second below which a transfer counts as stalled, after `idleTimeoutMs` of grace. Default 65,536: one request
   * of 8 MB then ends within about 160 s, whatever a store does.
   */
  minBytesPerSecond?: number
  /** Keys asked for at once when listing and deleting. Default and most: 1,000. */
  pageSize?: number
}

/** The pace that the settings ask for; 30 s and 64 KiB/s by default. */
export const transferPace = ({ idleTimeoutMs = 30_000, minBytesPerSecond = 65_536 }: S3Settings): TransferPace => ({
  idleMs: idleTimeoutMs,
  minBytesPerSecond,
})
