/** Pages of what lies in several sorted sets, newest first: deliveries, keys, tenants, workers. Jobs have a walk of their own: see search/. */
import type { Ask, RedisClient } from './redis-client.ts'
import { orUnavailable } from './redis-connection.ts'
import { answersOf } from './replies-of.ts'

export interface Entry {
  id: string
  /** Creation in microseconds. */
  score: number
}

/** Entries of all the indexes that come after the cursor, newest first: up to `count` of each, and so at least as many. */
export async function newestEntries(
  redis: RedisClient,
  keys: readonly string[],
  { cursor, count }: { cursor: Entry | undefined; count: number },
): Promise<Entry[]> {
  const from = cursor?.score ?? '+inf'
  const asks = keys.map(
    (key): Ask =>
      (to) =>
        to.zrange(key, from, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, count, 'WITHSCORES'),
  )
  return (await answersOf(redis, asks))
    .flatMap((flat) => toEntries(flat as string[]))
    .filter((entry) => !cursor || isAfter(entry, cursor))
    .sort(compareEntries)
}

/** Newest first. */
export const compareEntries = (a: Entry, b: Entry): number => b.score - a.score || (a.id < b.id ? 1 : -1)

/** Entries of the same microsecond are told apart by id, and that of the cursor is read again; so many are read beyond a page. */
const TIES = 16

/**
 * One page of the indexes, newest first. Rejects with InvalidCursorError before Redis is asked: a bad cursor is the caller's
 * fault, and no outage.
 */
export async function newestPage(
  redis: RedisClient,
  indexes: () => Promise<readonly string[]>,
  { cursor: text, ids, limit }: { cursor: string | undefined; ids: RegExp; limit: number },
): Promise<{ page: Entry[]; nextCursor: string | null }> {
  const cursor = text ? decodeCursor(text, ids) : undefined
  return orUnavailable(async () => {
    const entries = await newestEntries(redis, await indexes(), { cursor, count: limit + 1 + TIES })
    const page = entries.slice(0, limit)
    const last = page.at(-1)
    return { page, nextCursor: last && entries.length > limit ? encodeCursor(last) : null }
  })
}

/** What WITHSCORES answers, in pairs. */
export function toEntries(flat: string[]): Entry[] {
  const entries: Entry[] = []
  for (let i = 0; i + 1 < flat.length; i += 2) entries.push({ id: flat[i] as string, score: Number(flat[i + 1]) })
  return entries
}

/** Whether it comes after the cursor, newest first. */
export const isAfter = (entry: Entry, cursor: Entry): boolean =>
  entry.score < cursor.score || (entry.score === cursor.score && entry.id < cursor.id)

export const encodeCursor = (entry: Entry): string => Buffer.from(`${entry.score} ${entry.id}`).toString('base64url')

/** Reads a cursor of a list whose ids look so. Throws InvalidCursorError for any other text. */
export function decodeCursor(text: string, ids: RegExp): Entry {
  const [score, id] = Buffer.from(text, 'base64url').toString().split(' ')
  if (!id || !ids.test(id) || !Number.isSafeInteger(Number(score))) throw new InvalidCursorError()
  return { id, score: Number(score) }
}

export class InvalidCursorError extends Error {
  constructor() {
    super('this is no cursor of this list')
    this.name = 'InvalidCursorError'
  }
}
