/** Reads a Retry-After header, in seconds or as a date: seconds from `nowMs`, never negative; undefined when there is none. */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text)
  // Only dates as HTTP writes them: Date.parse alone would read much else, such as "-1" or "soon 5".
  if (!/^[A-Z][a-z]{2,8},? .*GMT$/.test(text)) return undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - nowMs) / 1000))
}
