/** Where things are in Redis. All keys of one model share one hash tag, so a cluster keeps them on one shard. Used by all of this room. */
import { createHash, hash, randomBytes } from 'node:crypto'
import { base32, type JobId, tagOfJobId, tagOfUploadId, type UploadId } from '@millrace/contracts'

const tags = new Map<string, string>()

/** The 8 characters that stand for a model, or for a tenant, in keys and ids. */
export function tagOf(model: string): string {
  let tag = tags.get(model)
  if (!tag) {
    tag = base32(createHash('sha256').update(model).digest().subarray(0, 8))
    // Names come from clients too: an unbounded memo would be a leak.
    if (tags.size > 10_000) tags.clear()
    tags.set(model, tag)
  }
  return tag
}

const RANDOM_CHARS = 26
/** Random bytes are drawn for many ids at once: a call to the system for each costs more than the rest of the id. */
let drawn = Buffer.alloc(0)
let used = 0

/** A fresh id for a job of this model; carries the model's tag so that the id alone finds the shard. */
export function newJobId(model: string): JobId {
  if (used === drawn.length) {
    drawn = randomBytes(RANDOM_CHARS * 128)
    used = 0
  }
  const random = drawn.subarray(used, used + RANDOM_CHARS)
  used += RANDOM_CHARS
  return `job_${tagOf(model)}${base32(random)}`
}

/** Prefix of every key of a model: `{mr:<tag>}:`. */
export const prefixOfTag = (tag: string): string => `{mr:${tag}}:`
export const prefixOfModel = (model: string): string => prefixOfTag(tagOf(model))
export const prefixOfJob = (id: JobId): string => prefixOfTag(tagOfJobId(id))

/** Prefix of every key about the files of a tenant; of another one's too, should their tags be the same. */
export const prefixOfTenant = (tenant: string): string => `{mr:files:${tagOf(tenant)}}:`
export const prefixOfUpload = (id: UploadId): string => `{mr:files:${tagOfUploadId(id)}}:`

/** A fresh id for a file that this tenant uploads; carries the tenant's tag so that the id alone finds the shard. */
export const newUploadId = (tenant: string): UploadId => `file_${tagOf(tenant)}${base32(randomBytes(18))}`

/** The same for the same text. */
export const uploadIdFrom = (tenant: string, text: string): UploadId =>
  `file_${tagOf(tenant)}${base32(createHash('sha256').update(text).digest().subarray(0, 18))}`

/** A fresh name for an object, never used before. */
export const newObjectName = (): string => base32(randomBytes(26))

/** Tenants that ever had a file. Not bound to one shard. */
export const TENANTS_KEY = 'mr:file-tenants'
/** Held by the one process that looks through the object store now. */
export const SWEEPER_KEY = 'mr:sweeper'

/** Names the data of this Redis, so that an object store can say whose it is. */
export const DATA_SET_KEY = 'mr:data-set'

/** An idempotency key as it is stored: bound to its tenant, of fixed length, never the client's own text. */
export const idempotencyDigest = (tenant: string, key: string): string =>
  hash('sha256', `${tenant}\n${key}`, 'base64url')

/** Keys of the API are here. No model has this tag, for it is shorter. */
export const ACCESS_SHARD = prefixOfTag('access')

/** Names of all models ever published. Not bound to one shard. */
export const MODELS_KEY = 'mr:models'
/** What was asked for by one cancellation of many jobs, for all models. */
export const cancellationKey = (id: string): string => `{mr:cancellations}:${id}`
/** Those of a tenant, by when they were begun. */
export const cancellationsOf = (tenant: string): string => `{mr:cancellations}:of:${tenant}`
export const newCancellationId = (): string => `can_${base32(randomBytes(26))}`
/** Of one move of jobs to another version; it is kept beside the jobs of its model. */
export const newRelocationId = (): string => `mov_${base32(randomBytes(26))}`
/** Prefix of what is known of erasures. */
export const ERASURES_PREFIX = '{mr:erasures}:'
export const newErasureId = (): string => `era_${base32(randomBytes(26))}`
/** Prefix of the notes of actions on many jobs. */
export const ACTIONS_PREFIX = '{mr:actions}:'
export const newJobActionId = (): string => `act_${base32(randomBytes(26))}`
/** Those of a tenant, by when they were begun. */
export const actionsOf = (tenant: string): string => `${ACTIONS_PREFIX}of:${tenant}`
/** Prefix of the notes of batches. */
export const BATCHES_PREFIX = '{mr:batches}:'
/** Erasures that wait until batches keep nothing of what they erase. */
export const BATCH_ERASURES_KEY = `${BATCHES_PREFIX}erasures`
export const newBatchId = (): string => `batch_${base32(randomBytes(26))}`
/** The same for the same text. */
export const batchIdFrom = (text: string): string =>
  `batch_${base32(createHash('sha256').update(text).digest().subarray(0, 26))}`
/** Those of a tenant, by when they were begun. */
export const batchesOf = (tenant: string): string => `${BATCHES_PREFIX}of:${tenant}`
/** Prefix of the creates of a tenant that came without a key. */
export const repeatsPrefix = (tenant: string): string => `{mr:repeats:${tagOf(tenant)}}:`
/** Says again and again that a process of the API lives. */
export const repeatPulseKey = (process: string): string => `mr:repeats:pulse:${process}`
/** Of an entry of the audit. */
export const newAuditId = (): string => `aud_${base32(randomBytes(26))}`
/** Prefix of every key about worker processes. */
export const WORKERS_PREFIX = '{mr:workers}:'
/** Secret that signs file addresses, shared by all processes on this Redis. */
export const SECRET_KEY = 'mr:secret'
/** Channel of `<job id> <status>` of jobs that have ended or are purged, a hint to re-read the record. */
export const CHANGES_CHANNEL = 'mr:changes'
/** Channel of `<event id> <event JSON>` of one job, and of `erased`. Followed only while somebody watches the job. */
export const eventsChannel = (id: JobId): string => `${EVENTS_CHANNELS}${id}`
export const EVENTS_CHANNELS = 'mr:events:'
/** Channel of the ids of running jobs whose cancel was asked. */
export const CANCELS_CHANNEL = 'mr:cancels'
