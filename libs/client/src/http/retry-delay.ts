/** How long to wait before a request is sent again. Milliseconds throughout. */

const FIRST = 250
const LONGEST = 8_000
/** A server that asks for more is not obeyed: the caller's patience is bounded. */
const LONGEST_ASKED = 30_000

/**
 * Doubles from 250 ms to 8 s, each at random between a half and the whole, so that clients cut off together do not come
 * back together. A Retry-After (seconds or a date) wins, cut to 30 s. `attempt` counts from 0.
 */
export function retryDelay(attempt: number, retryAfter: string | null, random: () => number = Math.random): number {
  const asked = parseRetryAfter(retryAfter)
  if (asked !== undefined) return Math.min(asked, LONGEST_ASKED) + random() * FIRST
  return Math.min(FIRST * 2 ** attempt, LONGEST) * (0.5 + random() / 2)
}

function parseRetryAfter(text: string | null): number | undefined {
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
