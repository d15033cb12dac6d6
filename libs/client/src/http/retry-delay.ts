/** How long to wait before a request is repeated. All times in milliseconds. */

const FIRST = 250
const LONGEST = 8_000
/** The longest time that is accepted from a server: the caller's patience is limited. */
const LONGEST_ASKED = 30_000

/**
 * Doubles from 250 ms to 8 s. Each time is random between half and all of that, so clients that were cut off together
 * do not return together. A Retry-After (seconds or a date) is used instead, up to 30 s. `attempt` counts from 0.
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
