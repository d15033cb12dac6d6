/**
 * The settings for a bucket, on S3 or on a store that speaks S3 (MinIO, R2, Ceph, Garage …). Read where the driver is
 * opened.
 */
import type { TransferPace } from '../rules/transfer-pace.ts'

export interface S3Settings {
  bucket: string
  /** A text before every key, without a final slash, so that several installations can share a bucket. Default: none. */
  prefix?: string
  /** The address of the store when it is not AWS. */
  endpoint?: string
  /** True: the bucket is part of the path (`host/bucket/key`). False: part of the host name. Default: true with an endpoint. */
  pathStyle?: boolean
  /** The address for signed URLs, when clients reach the store at another address than `endpoint`. */
  publicEndpoint?: string
  /** How the store must encrypt new objects. Default: as the bucket is set up. */
  encryption?: { kind: 'AES256' | 'aws:kms'; keyId?: string }
  /** Default: the one that the AWS SDK finds, and `us-east-1` with an endpoint. */
  region?: string
  /** Default: those that the AWS SDK finds (environment, profile, role). */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }
  /**
   * True when the store obeys `If-None-Match: *`. Default: the store is tried once. When it does not obey, a HEAD is sent
   * before each put instead. Then two processes that write one key at the same moment can both succeed.
   */
  conditionalWrites?: boolean
  /** `when_required`: no CRC checksums, for stores that refuse them. Default `when_supported`. */
  checksums?: 'when_supported' | 'when_required'
  /** How long to wait for a connection. Milliseconds. Default 3,000. */
  connectTimeoutMs?: number
  /** The longest time without a byte, in either direction. Milliseconds. Default 30,000. */
  idleTimeoutMs?: number
  /**
   * A transfer that is slower counts as stalled, after `idleTimeoutMs` of grace. Bytes per second. Default 65,536: one
   * request of 8 MB then ends within about 160 s, whatever a store does.
   */
  minBytesPerSecond?: number
  /** How many keys one request lists or deletes. Default and maximum: 1,000. */
  pageSize?: number
}

/** The pace from the settings. Default: 30 s and 64 KiB/s. */
export const transferPace = ({ idleTimeoutMs = 30_000, minBytesPerSecond = 65_536 }: S3Settings): TransferPace => ({
  idleMs: idleTimeoutMs,
  minBytesPerSecond,
})
