/** Reads what a pipeline answers. Called wherever several commands go to Redis in one write. */
import { type Ask, askAll, type RedisClient } from './redis-client.ts'
import { orUnavailable } from './redis-connection.ts'

/** The answers to several commands, in their order. Rejects with the first error among them, as `orUnavailable` does. */
export const answersOf = (redis: RedisClient, asks: readonly Ask[]): Promise<unknown[]> =>
  orUnavailable(async () => repliesOf(await askAll(redis, asks)))

/** The answers of a pipeline. Throws the first error among them. */
export function repliesOf(replies: [error: Error | null, reply: unknown][] | null): unknown[] {
  return (replies ?? []).map(([error, reply]) => {
    if (error) throw error
    return reply
  })
}
