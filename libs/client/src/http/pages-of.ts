/** Lists of the API that come in pages. Called for every call that lists. */
import type { CallOptions } from '../call-options.ts'
import type { Sender } from './sender.ts'

const PAGE = 50
const WITHIN_MS = 30_000

export interface Listed {
  path: string
  /** What is undefined or empty is left out. */
  query?: Readonly<Record<string, string | undefined>>
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
    const asked: Record<string, string> = { limit: String(Math.min(page, left)) }
    for (const [name, value] of Object.entries({ ...query, cursor })) if (value) asked[name] = value
    const answer: { data: Item[]; next_cursor: string | null } = await sender.json({
      ...{ path: `${path}?${new URLSearchParams(asked).toString()}`, signal, retries, withinMs: WITHIN_MS },
    })
    yield* answer.data
    left -= answer.data.length
    cursor = answer.next_cursor
    if (cursor === null) return
  }
}
