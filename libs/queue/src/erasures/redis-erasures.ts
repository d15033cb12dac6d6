/** Erasures in Redis: a note of each, and a part in every shard in which there is something of the tenant. Made by openQueue. */
import { createHash } from 'node:crypto'
import {
  blobKey,
  type Erasure,
  type ErasureCounts,
  erasureCountsSchema,
  erasureIdSchema,
  isoTime,
  type JobId,
} from '@millrace/contracts'
import type { Erasures, ErasureUpkeep, OpenErasure } from '../ports/bulk/erasures.ts'
import {
  ACCESS_SHARD,
  ACTIONS_PREFIX,
  BATCH_ERASURES_KEY,
  BATCHES_PREFIX,
  batchesOf,
  cancellationKey,
  cancellationsOf,
  ERASURES_PREFIX,
  newErasureId,
  prefixOfModel,
  prefixOfTenant,
  TENANTS_KEY,
} from '../redis/keys.ts'
import type { ModelNames } from '../redis/model-names.ts'
import { type Ask, redisNow, type RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import { WEBHOOKS_SHARD } from '../redis/webhook-keys.ts'
import { SCRIPT_CONSTANTS } from '../scripts/contract/script-constants.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

/** What was begun by then, such as a slow upload, is not kept when it ends. Milliseconds: longer than any request may take. */
const BAR_MS = 2 * 3_600_000
/** While it goes on; it is said again and again. Milliseconds. */
const LONG_BAR_MS = 7 * 86_400_000

/** Where nothing lies that is counted page by page. */
const OTHERS = [ACCESS_SHARD, ACTIONS_PREFIX, BATCHES_PREFIX]

const COUNTED = Object.keys(erasureCountsSchema.shape) as (keyof ErasureCounts)[]

interface ErasureDeps {
  redis: RedisClient
  run: RunScript
  names: ModelNames
  process: string
}

export class RedisErasures implements Erasures, ErasureUpkeep {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #names: ModelNames
  readonly #process: string

  constructor({ redis, run, names, process }: ErasureDeps) {
    this.#redis = redis
    this.#run = run
    this.#names = names
    this.#process = process
  }

  async begin(...[request]: Parameters<Erasures['begin']>): ReturnType<Erasures['begin']> {
    const { tenant, metadata: filter, dry_run: dry, counted } = request
    const id = newErasureId()
    const names = Object.keys(filter ?? {}).sort()
    const pairs = names.map((name) => [name, filter?.[name]])
    const what = createHash('sha256')
      .update(JSON.stringify([tenant, pairs]))
      .digest('base64url')
    if (!dry && counted === undefined) return { outcome: 'uncounted' }
    const { outcome } = await this.#run('erasures/open', {
      ...{ id, tenant, filter, dry, what, names },
      counted: dry ? undefined : counted,
    })
    return outcome === 'begun' ? { outcome, id } : { outcome }
  }

  async get(id: string): Promise<Erasure | undefined> {
    if (!erasureIdSchema.safeParse(id).success) return undefined
    const note = await this.#note(id)
    if (note['created_at'] === undefined) return undefined
    const names = JSON.parse(note['names'] ?? '[]') as string[]
    const { counts, waiting } = await this.#countsOf(id, note)
    return {
      ...{
        object: 'erasure',
        id,
        status: note['done_at'] === undefined ? 'running' : 'done',
        dry_run: note['dry'] === '1',
      },
      ...{ tenant: note['tenant'] ?? null, metadata_names: names.length === 0 ? null : names, counts, waiting },
      created_at: isoTime(Number(note['created_at'])),
      finished_at: note['done_at'] === undefined ? null : isoTime(Number(note['done_at'])),
    }
  }

  async open(): Promise<OpenErasure[]> {
    const ids = await orUnavailable(() => this.#redis.zrange(`${ERASURES_PREFIX}open`, '0', '-1'))
    if (ids.length === 0) return []
    const now = await orUnavailable(() => redisNow(this.#redis, ERASURES_PREFIX))
    const notes = await Promise.all(ids.map((id) => this.#note(id)))
    return ids.flatMap((id, i): OpenErasure[] => {
      const { tenant, filter, dry, counts, created_at } = notes[i] ?? {}
      if (tenant === undefined) return []
      const metadata = filter === undefined ? undefined : (JSON.parse(filter) as Record<string, string>)
      const ageMs = now - Number(created_at)
      return [{ id, tenant, metadata, isDry: dry === '1', ageMs, isCounted: counts !== undefined }]
    })
  }

  take(id: string, ms: number): Promise<boolean> {
    const key = `${ERASURES_PREFIX}taken:${id}`
    return orUnavailable(async () => {
      if ((await this.#redis.set(key, this.#process, 'PX', ms, 'NX')) === 'OK') return true
      if ((await this.#redis.get(key)) !== this.#process) return false
      await this.#redis.pexpire(key, ms)
      return true
    })
  }

  async prepare(erasure: OpenErasure): Promise<string[]> {
    const { id, tenant, metadata: filter, isDry: dry } = erasure
    const shards = await this.#shards()
    const bar = isWhole(erasure) ? LONG_BAR_MS : undefined
    const all = [...shards, ...OTHERS, prefixOfTenant(tenant)]
    const begin = { id, tenant, filter, dry, bar }
    await Promise.all(
      all.map((prefix) => this.#run('erasures/begin', { ...begin, prefix, waits: waitsIn(prefix, erasure) })),
    )
    if (filter !== undefined) return shards
    if (dry) await this.#run('access/erase', { id, tenant, step: 'count', from: 0 })
    else await this.#keys(id, tenant, 'revoke')
    return shards
  }

  async page({ id, tenant }: OpenErasure, shard: string): ReturnType<ErasureUpkeep['page']> {
    const cancellations = await this.#cancellations(tenant)
    const { state, purged } = await this.#run('erasures/page', { prefix: shard, id, cancellations })
    return { state, purged: purged as JobId[] }
  }

  async isErasedInBatches({ id }: OpenErasure): Promise<boolean> {
    return !(await orUnavailable(() => this.#redis.smembers(BATCH_ERASURES_KEY))).includes(id)
  }

  async filePage({ id, tenant, isDry: dry }: OpenErasure): Promise<string[]> {
    return (await this.#run('files/erase', { tenant, id, dry })).map((object) => blobKey(tenant, object))
  }

  async forgetTenant({ id, tenant }: OpenErasure): Promise<void> {
    const cancellations = await this.#cancellations(tenant)
    await this.#keys(id, tenant, 'forget')
    await this.#forgetActions(tenant)
    await this.#forgetBatches(tenant)
    await answersOf(this.#redis, [
      ...[...cancellations.map(cancellationKey), cancellationsOf(tenant)].map(
        (key): Ask =>
          (to) =>
            to.del(key),
      ),
      (to) => to.srem(TENANTS_KEY, tenant),
    ])
  }

  async close(...[erasure, beforeEnd]: Parameters<ErasureUpkeep['close']>): Promise<void> {
    const { id, tenant } = erasure
    const { counts } = await this.#countsOf(id, await this.#note(id))
    await this.#run('erasures/close', { id, counts, done: false })
    await beforeEnd(counts)
    const bar = isWhole(erasure) ? BAR_MS : undefined
    if (erasure.metadata !== undefined && !erasure.isDry) await this.#forgetActions(tenant, erasure.metadata)
    const prefixes = [...(await this.#shards()), ...OTHERS, prefixOfTenant(tenant)]
    await Promise.all(prefixes.map((prefix) => this.#run('erasures/forget', { prefix, id, tenant, bar })))
    await this.#run('erasures/close', { id, counts, done: true })
  }

  /** Actions on its jobs; or those whose filter names one of these labels, which may be a person's. */
  async #forgetActions(tenant: string, labels?: Readonly<Record<string, string>>): Promise<void> {
    await this.#run('actions/forget', { tenant, labels })
  }

  /** Their rows and results are files, and their counts name nobody and end by themselves. */
  async #forgetBatches(tenant: string): Promise<void> {
    const ids = await orUnavailable(() => this.#redis.zrange(batchesOf(tenant), '0', '-1'))
    for (const id of ids) await this.#run('batches/forget', { id })
  }

  async #keys(id: string, tenant: string, step: 'revoke' | 'forget'): Promise<void> {
    for (let from = 0; await this.#run('access/erase', { id, tenant, step, from }); from += SCRIPT_CONSTANTS.PAGE);
  }

  /** Those that have jobs and deliveries. */
  async #shards(): Promise<string[]> {
    return [WEBHOOKS_SHARD, ...(await this.#names.all()).map(prefixOfModel)]
  }

  #cancellations(tenant: string): Promise<string[]> {
    return orUnavailable(() => this.#redis.zrange(cancellationsOf(tenant), '0', '-1'))
  }

  #note(id: string): Promise<Record<string, string>> {
    return orUnavailable(() => this.#redis.hgetall(`${ERASURES_PREFIX}note:${id}`))
  }

  /** As they were kept, or from the parts of one that goes on. */
  async #countsOf(id: string, note: Record<string, string>): Promise<{ counts: ErasureCounts; waiting: number }> {
    if (note['counts'] !== undefined) return { counts: JSON.parse(note['counts']) as ErasureCounts, waiting: 0 }
    const prefixes = [...(await this.#shards()), ACCESS_SHARD, prefixOfTenant(note['tenant'] ?? '')]
    const asks = prefixes.map(
      (prefix): Ask =>
        (to) =>
          to.hmget(`${prefix}erasure:${id}`, ...COUNTED, 'running'),
    )
    const parts = (await answersOf(this.#redis, asks)) as (string | null)[][]
    const sums = [...COUNTED, 'running'].map((_, i) => parts.reduce((sum, part) => sum + Number(part[i] ?? 0), 0))
    const counts = Object.fromEntries(COUNTED.map((name, i) => [name, sums[i] ?? 0])) as ErasureCounts
    return { counts, waiting: sums[COUNTED.length] ?? 0 }
  }
}

/** The API takes rows out of batches: it can read them. Of a whole tenant nothing has to be read. */
const waitsIn = (prefix: string, { metadata, isDry }: OpenErasure): string | undefined =>
  prefix === BATCHES_PREFIX && metadata !== undefined && !isDry ? BATCH_ERASURES_KEY.slice(prefix.length) : undefined

const isWhole = ({ metadata, isDry }: OpenErasure): boolean => metadata === undefined && !isDry
