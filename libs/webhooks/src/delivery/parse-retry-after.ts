/**
 * Reads a Retry-After header, which holds seconds or a date. Returns seconds from `nowMs`, never negative, or undefined when
 * the header is missing or wrong. Called by the deliverer.
 */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(text)) return Number(text)
  // Takes only dates in the form of HTTP. Date.parse alone would read much else, such as "-1" or "soon 5".
  if (!/^[A-Z][a-z]{2,8},? .*GMT$/.test(text)) return undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - nowMs) / 1000))
}
