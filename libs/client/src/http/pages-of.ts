/** Lists of the API that come in pages. Called for every call that lists. */
import type { CallOptions } from '../call-options.ts'
import type { Sender } from './sender.ts'

const PAGE = 50
const WITHIN_MS = 30_000

/** What is undefined is left out. A label alone may be empty. */
type Query = Readonly<Record<string, string | undefined>>

export function queryText(query: Query): string {
  const given = Object.entries(query).filter(([name, value]) => value || (value === '' && name.endsWith(']')))
  return new URLSearchParams(given as [string, string][]).toString()
}

export interface Listed {
  path: string
  query?: Query
  /** Most items to return. Default: all. */
  limit?: number | undefined
  /** Items of one page. Default 50. */
  page?: number
}

/** Reads page after page while the loop goes on. */
export async function* pagesOf<Item>(
  sender: Sender,
  { path, query = {}, limit = Number.POSITIVE_INFINITY, page = PAGE }: Listed,
  { signal, retries }: CallOptions,
): AsyncGenerator<Item> {
  let cursor: string | null = null
  for (let left = limit; left > 0; ) {
    const asked = queryText({ limit: String(Math.min(page, left)), ...query, cursor: cursor ?? undefined })
    const answer: { data: Item[]; next_cursor: string | null } = await sender.json({
      ...{ path: `${path}?${asked}`, signal, retries, withinMs: WITHIN_MS },
    })
    yield* answer.data
    left -= answer.data.length
    cursor = answer.next_cursor
    if (cursor === null) return
  }
}
