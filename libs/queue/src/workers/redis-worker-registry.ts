/** The registry of worker processes in Redis, all on one shard; see WorkerRegistry. Made by openQueue. */
import { isoTime, type WorkerEntry, workerEntrySchema } from '@millrace/contracts'
import type { KnownWorker, WorkerPage, WorkerRegistry } from '../ports/worker-registry.ts'
import { WORKERS_PREFIX } from '../redis/keys.ts'
import { type Entry, newestPage } from '../redis/newest-entries.ts'
import { type RedisClient, toMs } from '../redis/redis-client.ts'
import { repliesOf } from '../redis/replies-of.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { WORKER_ALIVE_MS } from '../scripts/contract/script-constants.ts'
import { loadsOf } from './model-loads.ts'

const WORKER_ID = /^[\w-]{1,64}$/
const STARTED_KEY = `${WORKERS_PREFIX}started`

export class RedisWorkerRegistry implements WorkerRegistry {
  readonly #redis: RedisClient
  readonly #run: RunScript

  constructor(redis: RedisClient, run: RunScript) {
    this.#redis = redis
    this.#run = run
  }

  async beat(worker: string, entry: WorkerEntry): Promise<{ drain: boolean }> {
    const loads = loadsOf(entry)
    const unready = loads.length > 0 ? JSON.stringify(loads) : ''
    return { drain: await this.#run('workers/beat', { worker, entry, unready }) }
  }

  async leave(worker: string): Promise<void> {
    await this.#run('workers/leave', { worker })
  }

  wish(worker: string, drain: boolean): Promise<boolean> {
    return WORKER_ID.test(worker) ? this.#run('workers/wish', { worker, drain }) : Promise.resolve(false)
  }

  async list({ limit, cursor }: Parameters<WorkerRegistry['list']>[0]): Promise<WorkerPage> {
    const { page, nextCursor } = await newestPage(this.#redis, async () => [STARTED_KEY], {
      cursor,
      ids: WORKER_ID,
      limit,
    })
    return { workers: await this.#read(page), nextCursor }
  }

  async get(worker: string): Promise<KnownWorker | undefined> {
    if (!WORKER_ID.test(worker)) return undefined
    const started = await orUnavailable(() => this.#redis.zscore(STARTED_KEY, worker))
    return started === null ? undefined : (await this.#read([{ id: worker, score: Number(started) }]))[0]
  }

  /** One that has left meanwhile, or says what is not understood here, is left out. */
  async #read(page: readonly Entry[]): Promise<KnownWorker[]> {
    if (page.length === 0) return []
    const ids = page.map(({ id }) => id)
    const replies = await orUnavailable(() =>
      this.#redis
        .pipeline()
        .time()
        .hmget(`${WORKERS_PREFIX}entries`, ...ids)
        .zmscore(`${WORKERS_PREFIX}seen`, ...ids)
        .hmget(`${WORKERS_PREFIX}wishes`, ...ids)
        .exec(),
    )
    const [time, entries, seen, wishes] = repliesOf(replies) as [[string, string], Texts, Texts, Texts]
    const nowMs = toMs(time)
    return page.flatMap(({ id, score }, i) => {
      const entry = toEntry(entries[i])
      const seenMs = Number(seen[i])
      if (!entry || !seen[i]) return []
      const times = { startedAt: isoTime(Math.floor(score / 1000)), lastBeatAt: isoTime(seenMs) }
      return [{ id, ...times, lost: nowMs - seenMs > WORKER_ALIVE_MS, drainWished: wishes[i] === 'drain', entry }]
    })
  }
}

type Texts = (string | null | undefined)[]

function toEntry(text: string | null | undefined): WorkerEntry | undefined {
  return text ? workerEntrySchema.safeParse(JSON.parse(text)).data : undefined
}
