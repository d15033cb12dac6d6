/** How to reach a bucket on S3 or on what speaks S3 (MinIO, R2, Ceph, Garage …). */
export interface S3Settings {
  bucket: string
  /** Address of the store when it is not AWS; buckets are then parts of the path, not of the host name. */
  endpoint?: string
  /** Address that clients see, for signed URLs, when it is not `endpoint`. */
  publicEndpoint?: string
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
  /** Keys asked for at once when listing and deleting. Default and most: 1,000. */
  pageSize?: number
}
