/** Which bytes each tenant has and who needs them, in Redis; see FileStore and FileSweepStore. */
import { blobKey, blobOfKey, type JobId, type UploadId } from '@millrace/contracts'
import { type RedisClient, redisNow } from '../redis/redis-client.ts'
import type {
  AnnouncedFile,
  FileFacts,
  FileStore,
  FileSweepStore,
  HoldResult,
  KeepResult,
  KeptBlob,
  KeptFile,
  WrittenBlob,
} from '../ports/file-store.ts'
import type { Reader } from '../ports/reader.ts'
import { prefixOfTenant, prefixOfUpload, SWEEPER_KEY, TENANTS_KEY } from '../redis/keys.ts'
import type { RunScript, ScriptArgs } from '../scripts/define-scripts.ts'
import { newestEntries } from '../redis/newest-entries.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { writeInReserve } from '../redis/write-in-reserve.ts'

const READ = [
  ...([
    'tenant',
    'status',
    'name',
    'content_type',
    'size',
    'sha256',
    'object',
    'upload',
    'purpose',
    'created',
  ] as const),
]

type Known = Pick<KeptBlob, 'sha256' | 'size'>

export class RedisFileStore implements FileStore, FileSweepStore {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #ttlMs: number
  readonly #tenants = new Set<string>()

  /** `ttlSeconds`: how long an uploaded file is kept while no job uses it. */
  constructor(redis: RedisClient, run: RunScript, ttlSeconds: number) {
    this.#redis = redis
    this.#run = run
    this.#ttlMs = ttlSeconds * 1000
  }

  keep(tenant: string, job: JobId, blob: WrittenBlob): Promise<KeepResult> {
    return this.#keep(tenant, job, blob, { kind: 'job' })
  }

  async adopt(tenant: string, job: JobId, { sha256, size }: Known): Promise<KeptBlob | undefined> {
    const result = await this.#keep(tenant, job, { sha256, size }, { kind: 'job' })
    return result.outcome === 'kept' ? result.blob : undefined
  }

  keepFile(
    tenant: string,
    id: UploadId,
    blob: WrittenBlob,
    facts: FileFacts & { announced?: boolean },
  ): Promise<KeepResult> {
    return this.#keep(tenant, id, blob, { kind: facts.announced ? 'announced' : 'new', fields: fieldsOf(facts) })
  }

  async adoptFile(tenant: string, id: UploadId, { sha256, size }: Known, facts: FileFacts): Promise<boolean> {
    const result = await this.#keep(tenant, id, { sha256, size }, { kind: 'new', fields: fieldsOf(facts) })
    return result.outcome === 'kept'
  }

  async announce(tenant: string, file: Omit<AnnouncedFile, 'expiresAt' | 'tenant' | 'status'>): Promise<void> {
    await this.#enlist(tenant)
    const { id, object, size, sha256, upload } = file
    const fields = { ...fieldsOf(file), sha256, upload }
    await this.#run('files/announce', { tenant, id, object, size, ttl: this.#ttlMs, fields })
  }

  get(id: UploadId, reader: Reader): Promise<KeptFile | AnnouncedFile | undefined> {
    const prefix = prefixOfUpload(id)
    return orUnavailable(async () => {
      const values = await this.#redis.hmget(`${prefix}file:${id}`, ...READ)
      const [owner, status, name, contentType, size, sha256, object, upload, purpose, created] = values
      if (!owner || !name || !sha256 || (reader !== 'signed' && owner !== reader.tenant)) return undefined
      const facts = { id, tenant: owner, name, contentType: contentType ?? '', size: Number(size), sha256 }
      const due = await this.#redis.zscore(`${prefix}${owner}:expiring`, id)
      if (status === 'announced') {
        return { status, ...facts, object: object ?? '', upload: upload ?? undefined, expiresAt: Number(due) }
      }
      const kept = await this.#redis.hget(`${prefix}${owner}:blob:${sha256}`, 'object')
      // Deleted between the two reads.
      if (kept === null) return undefined
      const times = { createdAt: orNull(created), keptUntil: orNull(due) }
      return { status: 'ready', ...facts, purpose: purpose ?? undefined, key: blobKey(owner, kept), ...times }
    })
  }

  async hold(tenant: string, job: JobId, hashes: readonly string[], files: readonly UploadId[]): Promise<HoldResult> {
    const reply = await this.#run('files/hold', { tenant, job, hashes, files })
    if (reply.outcome === 'lost') return { outcome: 'lost' }
    if (reply.outcome === 'missing') return { outcome: 'missing', file: reply.id }
    const held = reply.files.map(({ object, ...facts }) => ({ ...facts, key: blobKey(tenant, object) }))
    return { outcome: 'held', files: held }
  }

  release(tenant: string, holder: string): Promise<string[]> {
    return this.#release(tenant, holder, {})
  }

  async letGo(tenant: string, holder: string, items: readonly string[]): Promise<string[]> {
    const dropped = await this.#run('files/let_go', { tenant, holder, items, ttl: this.#ttlMs })
    return dropped.map((object) => blobKey(tenant, object))
  }

  async deleted(tenant: string, keys: readonly string[]): Promise<void> {
    const objects = keys.flatMap((key) => blobOfKey(key)?.object ?? [])
    if (objects.length > 0) await orUnavailable(() => this.#redis.zrem(keyOf(tenant, 'trash'), ...objects))
  }

  takeTurn(worker: string, ms: number): Promise<boolean> {
    return orUnavailable(async () => {
      if ((await this.#redis.set(SWEEPER_KEY, worker, 'PX', ms, 'NX')) === 'OK') return true
      if ((await this.#redis.get(SWEEPER_KEY)) !== worker) return false
      await this.#redis.pexpire(SWEEPER_KEY, ms)
      return true
    })
  }

  now(): Promise<number> {
    return orUnavailable(() => redisNow(this.#redis, TENANTS_KEY))
  }

  tenants(): Promise<string[]> {
    return orUnavailable(() => this.#redis.smembers(TENANTS_KEY))
  }

  async list(...[tenant, { limit, after }]: Parameters<FileStore['list']>): ReturnType<FileStore['list']> {
    const made = keyOf(tenant, 'made')
    const ids = await orUnavailable(async () => {
      const score = after === undefined ? null : await this.#redis.zscore(made, after)
      const cursor = score === null || after === undefined ? undefined : { id: after, score: Number(score) }
      return newestEntries(this.#redis, [made], { cursor, count: limit + 2 })
    })
    const found = await Promise.all(ids.slice(0, limit).map(({ id }) => this.get(id, { tenant })))
    return { files: found.filter((file) => file?.status === 'ready'), more: ids.length > limit }
  }

  expired(tenant: string, limit: number): Promise<UploadId[]> {
    return this.#due(tenant, 'expiring', 0, limit)
  }

  oldHolders(tenant: string, olderThanMs: number, limit: number): Promise<JobId[]> {
    return this.#due(tenant, 'holders', olderThanMs, limit)
  }

  async stillHolds(tenant: string, job: JobId): Promise<void> {
    const key = keyOf(tenant, 'holders')
    await orUnavailable(async () => this.#redis.zadd(key, 'XX', await redisNow(this.#redis, key), job))
  }

  releaseExpired(tenant: string, id: UploadId): Promise<string[]> {
    return this.#release(tenant, id, { due: 'expiring' })
  }

  async releaseOld(tenant: string, job: JobId, olderThanMs: number): Promise<string[]> {
    const before = (await orUnavailable(() => redisNow(this.#redis, keyOf(tenant, 'holders')))) - olderThanMs
    return this.#release(tenant, job, { due: 'holders', before })
  }

  async trash(tenant: string, olderThanMs: number, limit: number): Promise<string[]> {
    return (await this.#due(tenant, 'trash', olderThanMs, limit)).map((object) => blobKey(tenant, object))
  }

  condemn(tenant: string, object: string): Promise<boolean> {
    return this.#run('files/condemn', { tenant, object })
  }

  async #keep(
    tenant: string,
    holder: string,
    { sha256, size, object }: Known & { object?: string },
    { kind, fields = {} }: Pick<ScriptArgs<'files/keep'>, 'kind'> & Partial<ScriptArgs<'files/keep'>>,
  ): Promise<KeepResult> {
    await this.#enlist(tenant)
    const ttl = this.#ttlMs
    const reply = await this.#run('files/keep', { tenant, holder, sha256, size, object, ttl, kind, fields })
    if (reply.outcome === 'kept') return { outcome: 'kept', blob: { key: blobKey(tenant, reply.object), size, sha256 } }
    return { outcome: reply.outcome === 'gone' ? 'gone' : 'dead' }
  }

  async #release(
    tenant: string,
    holder: string,
    condition: Pick<ScriptArgs<'files/release'>, 'due' | 'before'>,
  ): Promise<string[]> {
    const dropped = await this.#run('files/release', { tenant, holder, ttl: this.#ttlMs, ...condition })
    return dropped.map((object) => blobKey(tenant, object))
  }

  #due(tenant: string, set: string, olderThanMs: number, limit: number): Promise<string[]> {
    return orUnavailable(async () => {
      const key = keyOf(tenant, set)
      const until = (await redisNow(this.#redis, key)) - olderThanMs
      return this.#redis.zrangebyscore(key, '-inf', until, 'LIMIT', 0, limit)
    })
  }

  /** Before the tenant's first file: one that is not listed would never be swept. */
  async #enlist(tenant: string): Promise<void> {
    if (this.#tenants.has(tenant)) return
    await orUnavailable(() => writeInReserve(this.#redis, 'SADD', TENANTS_KEY, tenant))
    if (this.#tenants.size > 10_000) this.#tenants.clear()
    this.#tenants.add(tenant)
  }
}

const keyOf = (tenant: string, name: string): string => `${prefixOfTenant(tenant)}${tenant}:${name}`

const orNull = (ms: string | null | undefined): number | null => (ms ? Number(ms) : null)

const fieldsOf = ({ name, contentType, purpose }: FileFacts) => ({ name, content_type: contentType, purpose })
