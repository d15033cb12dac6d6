/**
 * Cancellations of many jobs, in Redis. Each model's shard has its own part, with how far it came; the whole is known by a note beside
 * them. The parts are written first: whoever has the id of a cancellation can rely on all of it. Made by openQueue.
 */
import { type Cancellation, cancellationIdSchema, type CancellationRequest, isoTime } from '@millrace/contracts'
import { lineOfVersion } from '../models/lines-of.ts'
import type { Cancellations } from '../ports/bulk/cancellations.ts'
import { cancellationKey, cancellationsOf, MODELS_KEY, newCancellationId, prefixOfModel } from '../redis/keys.ts'
import { type Ask, redisNow, type RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import { CANCELLATION_KEPT_SECONDS } from '../scripts/contract/script-constants.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

interface Note {
  tenant: string
  filter: CancellationRequest
  models: string[]
  createdMs: number
}

export class RedisCancellations implements Cancellations {
  readonly #redis: RedisClient
  readonly #run: RunScript

  constructor(redis: RedisClient, run: RunScript) {
    this.#redis = redis
    this.#run = run
  }

  async begin(...[tenant, filter, only]: Parameters<Cancellations['begin']>): ReturnType<Cancellations['begin']> {
    const id = newCancellationId()
    const [models, createdMs] = await orUnavailable(() =>
      Promise.all([this.#modelsOf(filter, only), redisNow(this.#redis, MODELS_KEY)]),
    )
    const { status, version } = filter
    const wanted = {
      ...{ id, tenant, statuses: status ?? 'queued running', version: version ?? '' },
      line: version === undefined ? '' : lineOfVersion(version),
      from_us: microseconds(filter.created_after, 0),
      // A time tells milliseconds; the whole of its millisecond counts.
      to_us: microseconds(filter.created_before, NO_END) + 999,
    }
    await Promise.all(models.map((model) => this.#run('jobs/begin_cancellation', { model, ...wanted })))
    const note: Note = { tenant, filter, models, createdMs }
    const [seconds, index] = [CANCELLATION_KEPT_SECONDS, cancellationsOf(tenant)]
    await answersOf(this.#redis, [
      (to) => to.set(cancellationKey(id), JSON.stringify(note), 'EX', seconds),
      (to) => to.zremrangebyscore(index, '-inf', createdMs - seconds * 1000),
      (to) => to.zadd(index, createdMs, id),
      (to) => to.expire(index, seconds),
    ])
    return { id, models }
  }

  async get(id: string, tenant: string): Promise<Cancellation | undefined> {
    if (!cancellationIdSchema.safeParse(id).success) return undefined
    const text = await orUnavailable(() => this.#redis.get(cancellationKey(id)))
    const note = text === null ? undefined : (JSON.parse(text) as Note)
    if (note?.tenant !== tenant) return undefined
    const parts = await this.#parts(id, note.models)
    const sum = (name: string): number => parts.reduce((all, part) => all + Number(part[name] ?? 0), 0)
    const isDone = parts.every(({ done_at }) => done_at !== undefined)
    const lastMs = Math.max(note.createdMs, ...parts.map(({ done_at }) => Number(done_at ?? 0)))
    return {
      ...{ object: 'cancellation', id, status: isDone ? 'done' : 'running', filter: note.filter },
      ...{ canceled: sum('canceled'), stopping: sum('stopping'), created_at: isoTime(note.createdMs) },
      finished_at: isDone ? isoTime(lastMs) : null,
    }
  }

  page(model: string): Promise<boolean> {
    return this.#run('jobs/cancel_page', { model })
  }

  async #modelsOf({ model }: CancellationRequest, only: ReadonlySet<string> | undefined): Promise<string[]> {
    const models = model === undefined ? await this.#redis.smembers(MODELS_KEY) : [model]
    return only ? models.filter((name) => only.has(name)) : models
  }

  /** One in each model's shard. */
  async #parts(id: string, models: readonly string[]): Promise<Record<string, string>[]> {
    const asks = models.map(
      (model): Ask =>
        (to) =>
          to.hgetall(`${prefixOfModel(model)}cancellation:${id}`),
    )
    return (await answersOf(this.#redis, asks)) as Record<string, string>[]
  }
}

const NO_END = 9e15

const microseconds = (time: string | undefined, absent: number): number =>
  time === undefined ? absent : Date.parse(time) * 1000
