/**
 * Which models workers do not have ready, as these tell with every beat: kept apart from their entries, so that whoever asks for a
 * model reads no entry of a worker that has all of its models ready. Written by RedisWorkerRegistry, read by the registry of models
 * and for places in lines.
 */
import type { WorkerEntry } from '@millrace/contracts'
import { z } from 'zod'
import type { ModelLoad } from '../ports/model-registry.ts'
import { WORKERS_PREFIX } from '../redis/keys.ts'
import { repliesOf } from '../redis/replies-of.ts'
import { type RedisClient, toMs } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { WORKER_ALIVE_MS } from '../scripts/contract/script-constants.ts'
import { publicReason } from './public-reason.ts'

const UNREADY_KEY = `${WORKERS_PREFIX}unready`

const loadsSchema = z.array(
  z.object({ name: z.string(), state: z.enum(['loading', 'failed']), reason: z.string().nullable() }),
)

/** Those of an entry. A model whose name is not known is left out: nobody can ask for it. */
export function loadsOf({ models }: Pick<WorkerEntry, 'models'>): ModelLoad[] {
  return models.flatMap(({ name, state, reason }): ModelLoad[] => {
    if (name === null || (state !== 'loading' && state !== 'failed')) return []
    return [{ name, state, reason: state === 'failed' && reason !== null ? publicReason(reason) : null }]
  })
}

/** Of workers that were heard within the last 15 s: one for each worker and model. */
export async function readModelLoads(redis: RedisClient): Promise<ModelLoad[]> {
  const told = Object.entries(await orUnavailable(() => redis.hgetall(UNREADY_KEY)))
  if (told.length === 0) return []
  const workers = told.map(([worker]) => worker)
  const replies = await orUnavailable(() =>
    redis
      .pipeline()
      .time()
      .zmscore(`${WORKERS_PREFIX}seen`, ...workers)
      .exec(),
  )
  const [time, seen] = repliesOf(replies) as [[string, string], (string | null)[]]
  const nowMs = toMs(time)
  return told.flatMap(([, text], i) => {
    const isAlive = seen[i] !== null && nowMs - Number(seen[i]) <= WORKER_ALIVE_MS
    return isAlive ? (loadsSchema.safeParse(JSON.parse(text)).data ?? []) : []
  })
}
