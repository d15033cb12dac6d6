/**
 * The headers RateLimit-Policy and RateLimit of draft-ietf-httpapi-ratelimit-headers: what is allowed, and what is left of it. Used
 * by answers of submits, and by refusals.
 */
import type { RateLimit } from '@millrace/contracts'

export function rateLimitHeaders(limit: RateLimit | undefined): Record<string, string> {
  if (!limit) return {}
  const { name, quota, windowSeconds, remaining, resetSeconds } = limit
  return {
    'ratelimit-policy': `"${name}";q=${quota}${windowSeconds === undefined ? '' : `;w=${windowSeconds}`}`,
    ratelimit: `"${name}";r=${Math.max(0, remaining)}${resetSeconds === undefined ? '' : `;t=${Math.ceil(resetSeconds)}`}`,
  }
}
