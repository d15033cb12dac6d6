import { blobKey, blobOfKey, type JobId, type UploadId } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import type {
  AnnouncedFile,
  FileFacts,
  FileSweepStore,
  HeldFile,
  KeepResult,
  KeptBlob,
  KeptFile,
  WrittenBlob,
} from '../ports/file-ports.ts'
import { prefixOfTenant, prefixOfUpload, SWEEPER_KEY, TENANTS_KEY } from '../redis/keys.ts'
import type { Reply, RunScript, ScriptName } from '../redis/lua-scripts.ts'
import { orUnavailable, redisNow } from '../redis/redis-connection.ts'
import { writeInReserve } from '../redis/write-in-reserve.ts'

/** How long an object that was given up is remembered: longer than any upload could still be on its way. */
const CONDEMNED_MS = 7 * 86_400_000

const READ = ['tenant', 'status', 'name', 'content_type', 'size', 'sha256', 'object', 'upload'] as const

type Known = Pick<KeptBlob, 'sha256' | 'size'>

/** Which bytes each tenant has and who needs them, in Redis; see file-ports.ts for what each method promises. */
export class RedisFileStore implements FileSweepStore {
  readonly #redis: Redis
  readonly #run: RunScript
  readonly #ttlMs: number
  readonly #tenants = new Set<string>()

  /** `ttlSeconds`: how long an uploaded file is kept while no job uses it. */
  constructor(redis: Redis, run: RunScript, ttlSeconds: number) {
    this.#redis = redis
    this.#run = run
    this.#ttlMs = ttlSeconds * 1000
  }

  keep(tenant: string, job: JobId, blob: WrittenBlob): Promise<KeepResult> {
    return this.#keep(tenant, job, blob, ['job'])
  }

  async adopt(tenant: string, job: JobId, { sha256, size }: Known): Promise<KeptBlob | undefined> {
    const result = await this.#keep(tenant, job, { object: '', sha256, size }, ['job'])
    return result.outcome === 'kept' ? result.blob : undefined
  }

  keepFile(
    tenant: string,
    id: UploadId,
    blob: WrittenBlob,
    facts: FileFacts & { announced?: boolean },
  ): Promise<KeepResult> {
    return this.#keep(tenant, id, blob, [facts.announced ? 'announced' : 'new', ...fieldsOf(facts)])
  }

  async adoptFile(tenant: string, id: UploadId, { sha256, size }: Known, facts: FileFacts): Promise<boolean> {
    const result = await this.#keep(tenant, id, { object: '', sha256, size }, ['new', ...fieldsOf(facts)])
    return result.outcome === 'kept'
  }

  async announce(tenant: string, file: Omit<AnnouncedFile, 'expiresAt' | 'tenant' | 'status'>): Promise<void> {
    await this.#enlist(tenant)
    const fields = [...fieldsOf(file), 'size', file.size, 'sha256', file.sha256]
    if (file.upload !== undefined) fields.push('upload', file.upload)
    await this.#call('files/announce', tenant, file.id, file.object, this.#ttlMs, ...fields)
  }

  get(id: UploadId, tenant?: string): Promise<KeptFile | AnnouncedFile | undefined> {
    const prefix = prefixOfUpload(id)
    return orUnavailable(async () => {
      const values = await this.#redis.hmget(`${prefix}file:${id}`, ...READ)
      const [owner, status, name, contentType, size, sha256, object, upload] = values
      if (!owner || !name || !sha256 || (tenant !== undefined && owner !== tenant)) return undefined
      const facts = { id, tenant: owner, name, contentType: contentType ?? '', size: Number(size), sha256 }
      const due = await this.#redis.zscore(`${prefix}${owner}:expiring`, id)
      if (status === 'announced') {
        return { status, ...facts, object: object ?? '', upload: upload ?? undefined, expiresAt: Number(due) }
      }
      const kept = await this.#redis.hget(`${prefix}${owner}:blob:${sha256}`, 'object')
      // Deleted between the two reads.
      if (kept === null) return undefined
      return { status: 'ready', ...facts, key: blobKey(owner, kept), keptUntil: due === null ? null : Number(due) }
    })
  }

  async hold(
    tenant: string,
    job: JobId,
    hashes: readonly string[],
    files: readonly UploadId[],
  ): Promise<HeldFile[] | string> {
    const reply = (await this.#call('files/hold', tenant, job, hashes.length, ...hashes, ...files)) as Reply[]
    const [outcome, ...rest] = reply
    if (outcome === 'lost') return 'lost'
    if (outcome === 'missing') return String(rest[0])
    return (rest as string[][]).map(([name = '', contentType = '', size, sha256 = '', object = '']) => ({
      ...{ name, contentType, size: Number(size), sha256, key: blobKey(tenant, object) },
    }))
  }

  release(tenant: string, holder: string): Promise<string[]> {
    return this.#release(tenant, holder)
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
    return orUnavailable(() => redisNow(this.#redis))
  }

  tenants(): Promise<string[]> {
    return orUnavailable(() => this.#redis.smembers(TENANTS_KEY))
  }

  expired(tenant: string, limit: number): Promise<UploadId[]> {
    return this.#due(tenant, 'expiring', 0, limit)
  }

  oldHolders(tenant: string, olderThanMs: number, limit: number): Promise<JobId[]> {
    return this.#due(tenant, 'holders', olderThanMs, limit)
  }

  async stillHolds(tenant: string, job: JobId): Promise<void> {
    await orUnavailable(async () => this.#redis.zadd(keyOf(tenant, 'holders'), 'XX', await redisNow(this.#redis), job))
  }

  releaseExpired(tenant: string, id: UploadId): Promise<string[]> {
    return this.#release(tenant, id, 'expiring')
  }

  async releaseOld(tenant: string, job: JobId, olderThanMs: number): Promise<string[]> {
    const before = (await orUnavailable(() => redisNow(this.#redis))) - olderThanMs
    return this.#release(tenant, job, 'holders', before)
  }

  async trash(tenant: string, olderThanMs: number, limit: number): Promise<string[]> {
    return (await this.#due(tenant, 'trash', olderThanMs, limit)).map((object) => blobKey(tenant, object))
  }

  async condemn(tenant: string, object: string): Promise<boolean> {
    return (await this.#call('files/condemn', tenant, object, CONDEMNED_MS)) === 1
  }

  async #keep(
    tenant: string,
    holder: string,
    { sha256, size, object }: WrittenBlob,
    kind: string[],
  ): Promise<KeepResult> {
    await this.#enlist(tenant)
    const args = [holder, sha256, size, object, this.#ttlMs, ...kind]
    const [outcome, kept = ''] = (await this.#call('files/keep', tenant, ...args)) as string[]
    if (outcome === 'kept') return { outcome, blob: { key: blobKey(tenant, kept), size, sha256 } }
    return { outcome: outcome === 'gone' ? 'gone' : 'dead' }
  }

  async #release(tenant: string, holder: string, ...condition: (string | number)[]): Promise<string[]> {
    const dropped = (await this.#call('files/release', tenant, holder, this.#ttlMs, ...condition)) as string[]
    return dropped.map((object) => blobKey(tenant, object))
  }

  #due(tenant: string, set: string, olderThanMs: number, limit: number): Promise<string[]> {
    return orUnavailable(async () => {
      const until = (await redisNow(this.#redis)) - olderThanMs
      return this.#redis.zrangebyscore(keyOf(tenant, set), '-inf', until, 'LIMIT', 0, limit)
    })
  }

  /** Before the tenant's first file: one that is not listed would never be swept. */
  async #enlist(tenant: string): Promise<void> {
    if (this.#tenants.has(tenant)) return
    await orUnavailable(() => writeInReserve(this.#redis, 'SADD', TENANTS_KEY, tenant))
    if (this.#tenants.size > 10_000) this.#tenants.clear()
    this.#tenants.add(tenant)
  }

  #call(name: ScriptName, tenant: string, ...args: (string | number)[]): Promise<Reply> {
    return orUnavailable(() => this.#run(name, prefixOfTenant(tenant), tenant, ...args))
  }
}

const keyOf = (tenant: string, name: string): string => `${prefixOfTenant(tenant)}${tenant}:${name}`

const fieldsOf = ({ name, contentType }: FileFacts): string[] => ['name', name, 'content_type', contentType]
