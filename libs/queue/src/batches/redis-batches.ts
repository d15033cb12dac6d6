/** Batches in Redis: a note of each, and a part in the shard of every model that has jobs of it. Made by openQueue. */
import { batchIdSchema, type JobId } from '@millrace/contracts'
import type {
  Batches,
  BatchChange,
  BatchErasure,
  BatchJobCounts,
  BatchState,
  BatchUpkeep,
  KeptBatch,
} from '../ports/bulk/batches.ts'
import { BATCH_ERASURES_KEY, BATCHES_PREFIX, batchesOf, idempotencyDigest, prefixOfModel } from '../redis/keys.ts'
import { encodeCursor, InvalidCursorError, newestPage } from '../redis/newest-entries.ts'
import { type Ask, redisNow, type RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

interface BatchParts {
  redis: RedisClient
  run: RunScript
  process: string
}

/** As `count_in_batch` and submit.lua name them. */
const COUNTED = ['made', 'succeeded', 'failed', 'canceled', 'purged'] as const
/** Of what a key holds, the id of its job. */
const JOB_ID_CHARS = 38
const IDS = /^batch_[0-9a-z]{26}$/

export class RedisBatches implements Batches, BatchUpkeep {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #process: string

  constructor({ redis, run, process }: BatchParts) {
    this.#redis = redis
    this.#run = run
    this.#process = process
  }

  async begin(id: string, tenant: string, state: BatchState): ReturnType<Batches['begin']> {
    return (await this.#run('batches/open', { id, tenant, state })).outcome
  }

  async get(id: string, tenant: string): Promise<KeptBatch | undefined> {
    const note = await this.#note(id)
    return note?.tenant === tenant ? note : undefined
  }

  async list(...[tenant, page]: Parameters<Batches['list']>): ReturnType<Batches['list']> {
    const indexes = async (): Promise<string[]> => [batchesOf(tenant)]
    const cursor = page.after === undefined ? page.cursor : await this.#cursorAt(tenant, page.after)
    const wanted = { ids: IDS, limit: page.limit, cursor }
    const { page: own, nextCursor } = await newestPage(this.#redis, indexes, wanted)
    const notes = await Promise.all(own.map(({ id }) => this.get(id, tenant)))
    return { batches: notes.filter((note) => note !== undefined), nextCursor }
  }

  change({ id, rev }: KeptBatch, state: BatchState, change: BatchChange = {}): ReturnType<Batches['change']> {
    return this.#run('batches/change', { id, rev, state, ends: change.ends ?? false, kept_ms: change.keptMs })
  }

  async counts({ id, state }: KeptBatch): Promise<BatchJobCounts> {
    const asks = state.parts.map(
      (model): Ask =>
        (to) =>
          to.hmget(partKey(model, id), ...COUNTED),
    )
    const parts = (await answersOf(this.#redis, asks)) as (string | null)[][]
    const sums = COUNTED.map((name, n) => [name, parts.reduce((sum, part) => sum + Number(part[n] ?? 0), 0)])
    return Object.fromEntries(sums) as BatchJobCounts
  }

  open(): Promise<string[]> {
    return orUnavailable(() => this.#redis.zrange(`${BATCHES_PREFIX}open`, '0', '-1'))
  }

  async take(id: string): ReturnType<BatchUpkeep['take']> {
    const taken = await this.#run('batches/take', { id, process: this.#process })
    if (taken.outcome !== 'mine') return taken.outcome
    const { tenant, state, rev, createdMs, nowMs } = taken
    return { id, tenant, rev, createdMs, nowMs, state: JSON.parse(state) as BatchState }
  }

  async beginPart(id: string, model: string, seconds: number): Promise<void> {
    const key = partKey(model, id)
    await answersOf(this.#redis, [(to) => to.hsetnx(key, 'made', '0'), (to) => to.expire(key, seconds)])
  }

  async endParts({ id, state }: KeptBatch): Promise<void> {
    await answersOf(
      this.#redis,
      state.parts.map(
        (model): Ask =>
          (to) =>
            to.del(partKey(model, id)),
      ),
    )
  }

  async jobOfKey(tenant: string, model: string, key: string): Promise<JobId | undefined> {
    const name = `${prefixOfModel(model)}idem:${idempotencyDigest(tenant, key)}`
    return (await orUnavailable(() => this.#redis.get(name)))?.slice(0, JOB_ID_CHARS)
  }

  due(): Promise<string[]> {
    return this.#run('batches/due', {})
  }

  find(id: string): Promise<KeptBatch | undefined> {
    return this.#note(id)
  }

  async allOf(tenant: string): Promise<KeptBatch[]> {
    const ids = await orUnavailable(() => this.#redis.zrange(batchesOf(tenant), '0', '-1'))
    const notes = await Promise.all(ids.map((id) => this.get(id, tenant)))
    return notes.filter((note) => note !== undefined)
  }

  async forget(id: string): Promise<void> {
    await this.#run('batches/forget', { id })
  }

  async #cursorAt(tenant: string, id: string): Promise<string> {
    const score = await orUnavailable(() => this.#redis.zscore(batchesOf(tenant), id))
    if (score === null) throw new InvalidCursorError()
    return encodeCursor({ id, score: Number(score) })
  }

  async erasures(): Promise<BatchErasure[]> {
    const ids = await orUnavailable(() => this.#redis.smembers(BATCH_ERASURES_KEY))
    const found: BatchErasure[] = []
    for (const id of ids) {
      const { tenant, filter, to } = await orUnavailable(() => this.#redis.hgetall(`${BATCHES_PREFIX}erasure:${id}`))
      if (tenant === undefined || filter === undefined) await this.erased(id)
      else
        found.push({ id, tenant, metadata: JSON.parse(filter) as BatchErasure['metadata'], untilMs: Number(to) / 1000 })
    }
    return found
  }

  async erased(erasure: string): Promise<void> {
    await answersOf(this.#redis, [(to) => to.srem(BATCH_ERASURES_KEY, erasure)])
  }

  async #note(id: string): Promise<KeptBatch | undefined> {
    if (!batchIdSchema.safeParse(id).success) return undefined
    const [hash, nowMs] = await Promise.all([
      orUnavailable(() => this.#redis.hgetall(`${BATCHES_PREFIX}note:${id}`)),
      orUnavailable(() => redisNow(this.#redis, BATCHES_PREFIX)),
    ])
    const { tenant, state, rev, created_at } = hash
    if (tenant === undefined || state === undefined) return undefined
    return {
      id,
      tenant,
      rev: Number(rev),
      createdMs: Number(created_at),
      nowMs,
      state: JSON.parse(state) as BatchState,
    }
  }
}

const partKey = (model: string, id: string): string => `${prefixOfModel(model)}batch:${id}`
