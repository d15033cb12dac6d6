/** Which versions of a model there are, and what waits for whom. Called by RedisModelRegistry. */
import type { Manifest } from '@millrace/contracts'
import { type RedisClient, redisNow } from '../redis/redis-client.ts'
import type { ModelVersions } from '../ports/model-registry.ts'
import { prefixOfModel } from '../redis/keys.ts'
import { toEntries } from '../redis/newest-entries.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { WORKER_ALIVE_MS } from '../scripts/contract/script-constants.ts'
import { type LineService, toLineService } from './line-service.ts'
import { linesOf } from './lines-of.ts'
import { toPauses } from './pauses.ts'

/** Undefined when the model was never published. A version whose manifest is not understood here is left out. */
export async function readVersions(
  redis: RedisClient,
  model: string,
  parse: (version: string, text: string) => Manifest | undefined,
): Promise<ModelVersions | undefined> {
  const prefix = prefixOfModel(model)
  const [now, texts, introduced, current, waiting, paused, places] = await orUnavailable(() =>
    Promise.all([
      redisNow(redis, prefix),
      redis.hgetall(`${prefix}versions`),
      redis.zrevrange(`${prefix}introduced`, 0, -1, 'WITHSCORES'),
      redis.get(`${prefix}current`),
      redis.hgetall(`${prefix}lines`),
      redis.hgetall(`${prefix}paused`),
      redis.hgetall(`${prefix}places`),
    ]),
  )
  const count = (key: string): Promise<number> =>
    orUnavailable(() => redis.zcount(`${prefix}${key}`, now - WORKER_ALIVE_MS, '+inf'))
  const published = toEntries(introduced).flatMap(({ id: version, score }) => {
    const manifest = parse(version, texts[version] ?? 'null')
    return manifest ? [{ manifest, isCurrent: version === current, introducedAt: new Date(score).toISOString() }] : []
  })
  const versions = await Promise.all(
    published.map(async (one) => ({ ...one, workers: await count(`workers:${one.manifest.version}`) })),
  )
  if (versions.length === 0) return undefined
  const queuedIn = new Map(Object.entries(waiting).map(([line, queued]) => [line, Number(queued)]))
  const known = versions.flatMap(({ manifest }) => linesOf(manifest))
  const lines = [...new Set([...known, ...queuedIn.keys()])].sort()
  const pauses = toPauses(paused)
  const service = async (line: string): Promise<LineService> => {
    const alive = await orUnavailable(() =>
      redis.zrangebyscore(`${prefix}serving:${line}`, now - WORKER_ALIVE_MS, '+inf'),
    )
    return toLineService(line, pauses, alive, places)
  }
  return {
    pauses,
    versions,
    lines: await Promise.all(
      lines.map(async (line) => ({ line, queued: queuedIn.get(line) ?? 0, ...(await service(line)) })),
    ),
  }
}
