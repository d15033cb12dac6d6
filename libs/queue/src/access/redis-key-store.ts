/** The keys of the API in Redis: a hash each, and a log of which ones changed. Made by openQueue. */
import { type ApiKeyId, apiKeyIdSchema, type Scope } from '@millrace/contracts'
import type { KeptKey, KeyChanges, KeyQuery, KeyStore, NewKey } from '../ports/access/key-store.ts'
import { ACCESS_SHARD } from '../redis/keys.ts'
import { newestPage } from '../redis/newest-entries.ts'
import { type Ask, askTime, redisNow, type RedisClient, toMs as timeOf } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

/** Changes that are read at once; more than these are not looked at one by one. */
const CHANGES_READ = 1000
const KEY_ID = /^[0-9a-z]{16}$/

export class RedisKeyStore implements KeyStore {
  readonly #redis: RedisClient
  readonly #run: RunScript

  constructor(redis: RedisClient, run: RunScript) {
    this.#redis = redis
    this.#run = run
  }

  async create(key: NewKey): ReturnType<KeyStore['create']> {
    const { id, tenant, expiresMs } = key
    const made = await this.#run('access/create', {
      id,
      tenant,
      fields: toFields(key),
      expires: expiresMs ?? undefined,
    })
    return made.outcome === 'kept' ? toKey(id, made.key) : made.outcome
  }

  async get(id: ApiKeyId): Promise<KeptKey | undefined> {
    const fields = await orUnavailable(() => this.#redis.hgetall(keyOf(id)))
    return fields['tenant'] === undefined ? undefined : toKey(id, fields)
  }

  async list({ tenant, limit, cursor }: KeyQuery): Promise<{ keys: KeptKey[]; nextCursor: string | null }> {
    const index = tenant === undefined ? `${ACCESS_SHARD}all` : `${ACCESS_SHARD}of:${tenant}`
    const { page, nextCursor } = await newestPage(this.#redis, async () => [index], { cursor, ids: KEY_ID, limit })
    const asks = page.map(
      ({ id }): Ask =>
        (to) =>
          to.hgetall(keyOf(id)),
    )
    const read = await orUnavailable(() => answersOf(this.#redis, asks))
    const keys = page.flatMap(({ id }, i) => {
      const fields = read[i] as Record<string, string>
      return fields['tenant'] === undefined ? [] : [toKey(id, fields)]
    })
    return { keys, nextCursor }
  }

  async revoke(id: ApiKeyId): Promise<KeptKey | undefined> {
    const answer = await this.#run('access/revoke', { id })
    return answer.outcome === 'kept' ? toKey(id, answer.key) : undefined
  }

  async rotate(...[id, next]: Parameters<KeyStore['rotate']>): ReturnType<KeyStore['rotate']> {
    const { createdBy, digest, overlapMs: overlap } = next
    const made = await this.#run('access/rotate', {
      ...{ id, next: next.id, digest, overlap },
      created_by: createdBy ?? undefined,
    })
    return made.outcome === 'kept' ? toKey(next.id, made.key) : made.outcome
  }

  changes(after: string | undefined): Promise<KeyChanges> {
    const log = `${ACCESS_SHARD}log`
    return orUnavailable(async () => {
      if (after === undefined) {
        const [last] = await this.#redis.xrevrange(log, '+', '-', 'COUNT', 1)
        return { at: last?.[0] ?? '0-0', ids: undefined, nowMs: await redisNow(this.#redis, log) }
      }
      const [entries, time] = (await answersOf(this.#redis, [
        (to) => to.xrange(log, `(${after}`, '+', 'COUNT', CHANGES_READ),
        askTime(this.#redis, log),
      ])) as [[string, string[]][], [string, string]]
      const ids = entries.map(([, fields]) => apiKeyIdSchema.parse(fields[1]))
      return { at: entries.at(-1)?.[0] ?? after, ids: ids.length < CHANGES_READ ? ids : undefined, nowMs: timeOf(time) }
    })
  }

  async touch(ids: readonly ApiKeyId[]): Promise<void> {
    await this.#run('access/touch', { ids })
  }
}

const keyOf = (id: string): string => `${ACCESS_SHARD}key:${id}`

const toFields = ({ digest, name, scopes, models, createdBy, expiresMs }: NewKey) => ({
  ...{ digest, name, scopes: scopes.join(' ') },
  models: models === null ? undefined : models.join(' '),
  created_by: createdBy ?? undefined,
  expires_at: expiresMs ?? undefined,
})

const toKey = (id: string, fields: Record<string, string>): KeptKey => ({
  id,
  digest: fields['digest'] ?? '',
  tenant: fields['tenant'] ?? '',
  name: fields['name'] ?? '',
  scopes: (fields['scopes'] ?? '').split(' ') as Scope[],
  models: fields['models']?.split(' ') ?? null,
  createdBy: fields['created_by'] ?? null,
  createdMs: Number(fields['created_at']),
  expiresMs: toMs(fields['expires_at']),
  revokedMs: toMs(fields['revoked_at']),
  lastUsedMs: toMs(fields['last_used_at']),
  replacedBy: fields['replaced_by'] ?? null,
})

const toMs = (text: string | undefined): number | null => (text === undefined ? null : Number(text))
