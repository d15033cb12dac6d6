/** Explains in a sentence why a store failed, and how to mend it. Shown by /readyz, the log and the doctor. */
import type { StoreConfig } from '../open-configured-store.ts'
import { StorageError } from '../port/storage-error.ts'
import { StoreTooSlowError } from './try-store.ts'

export interface StoreFault {
  /** The code of the system or of the store: ECONNREFUSED, AccessDenied, NoSuchBucket, EACCES. */
  code: string
  /** One sentence. It never contains a secret. */
  message: string
  mend: string
}

/** The store in a few words. */
export const storeName = ({ s3Bucket, s3Prefix, dataDir }: StoreConfig): string => {
  if (s3Bucket === undefined) return `the files folder in ${dataDir}`
  return s3Prefix === undefined ? `bucket ${s3Bucket}` : `bucket ${s3Bucket} below ${s3Prefix}/`
}

/** `step`: the action that failed, such as "write". */
export function storeFault(error: unknown, config: StoreConfig, step: string): StoreFault {
  const { s3Bucket, s3Endpoint, s3Region } = config
  const name = storeName(config)
  const place = s3Endpoint ?? (s3Region === undefined ? 'S3' : `S3 in ${s3Region}`)
  const { status, code } = causeOf(error)
  if (error instanceof StorageError && error.fault === 'full') {
    const mend = 'Make room on that disk; MILLRACE_MIN_FREE_BYTES says how much must stay free.'
    return { code: 'ENOSPC', message: `${name}: the disk is nearly full, so nothing new is taken.`, mend }
  }
  const told = (message: string, mend: string): StoreFault => ({ code, message, mend })
  if (s3Bucket === undefined) {
    return told(`${name}: could not ${step} (${code}).`, 'Mend the data folder: its owner, its rights, its room.')
  }
  if (code === 'RegionMissing') {
    return told('It is not known in which region the bucket is.', 'Set S3_REGION or AWS_REGION.')
  }
  if (code === 'CredentialsProviderError') {
    return told('There are no credentials for S3.', 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role.')
  }
  if (status === undefined) {
    const mend = REACH[code] ?? 'Start it, or correct S3_ENDPOINT and the network.'
    return told(`${place} cannot be reached (${code}).`, mend)
  }
  if (status === 403 || status === 401) {
    const mend = `Allow these credentials to get, put, list and delete objects in ${s3Bucket}, and check the secret key.`
    return told(`${name}: these credentials may not ${step} (${status} ${code}).`, mend)
  }
  if (status === 404 || code === 'NoSuchBucket') {
    return told(`${name} does not exist at ${place}.`, 'Create it, or correct S3_BUCKET and S3_REGION.')
  }
  if (status === 301 || status === 307 || code === 'PermanentRedirect') {
    return told(`${name} is in another region (${status} ${code}).`, 'Set S3_REGION to that of the bucket.')
  }
  return told(`${name}: could not ${step} (${status} ${code}).`, 'Ask whoever runs the store at that address.')
}

const CA = 'Set NODE_EXTRA_CA_CERTS to the file of the authority that signed its certificate (PEM).'

const REACH: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Correct the host in S3_ENDPOINT, or the name service; S3_PATH_STYLE=true if the bucket is no host name.',
  EAI_AGAIN: 'Correct the host in S3_ENDPOINT, or the name service.',
  SELF_SIGNED_CERT_IN_CHAIN: CA,
  DEPTH_ZERO_SELF_SIGNED_CERT: CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CA,
  ERR_TLS_CERT_ALTNAME_INVALID: 'Name the store in S3_ENDPOINT as its certificate does.',
  ERR_SSL_WRONG_VERSION_NUMBER: 'Write http:// instead of https:// in S3_ENDPOINT, or name its TLS port.',
}

/** The innermost cause says most: a status if the store answered, else the system's code or the error's name. */
function causeOf(error: unknown): { status?: number; code: string } {
  let last = error
  while (last instanceof Error && last.cause instanceof Error) last = last.cause
  if (last instanceof StoreTooSlowError) return { code: last.message }
  const { code, name, status } = last as { code?: string; name?: string; status?: number }
  return { code: code ?? name ?? 'unknown', ...(status !== undefined && { status }) }
}
