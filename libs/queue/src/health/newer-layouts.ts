/**
 * Models whose jobs are kept in a layout that is newer than this process: it takes none of them, and is not to be used. Called by
 * openQueue for the look at Redis.
 */
import { type Ask, askAll, type RedisClient } from '../redis/redis-client.ts'
import { MODELS_KEY, prefixOfModel } from '../redis/keys.ts'
import { LAYOUT } from '../scripts/contract/script-constants.ts'

/** A sentence that says so; none when all is well. */
export async function newerLayouts(redis: RedisClient): Promise<string[]> {
  const models = await redis.smembers(MODELS_KEY)
  const asks = models.map(
    (model): Ask =>
      (to) =>
        to.get(`${prefixOfModel(model)}layout`),
  )
  const replies = await askAll(redis, asks)
  const newest = Math.max(0, ...replies.map(([, layout]) => Number(layout ?? 0)))
  if (newest <= LAYOUT) return []
  return [
    `Jobs in this Redis are kept in layout ${newest}, and this version of Millrace knows layouts up to ${LAYOUT}: start a newer one.`,
  ]
}
