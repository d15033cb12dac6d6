/** What a model's shard keeps of the device seconds that a tenant has left of its day; written by shares/allow.lua. Read wherever a tenant is told. */

export const DAY_MS = 86_400_000

/** Beside the policies of tenants. */
export const leftField = (tenant: string): string => `:${tenant}`

/** `kept`: day, what is left of it, and what there is of each day. */
export function isSpent(kept: string | null, nowMs: number): boolean {
  if (kept === null) return false
  const [day, left = 1, limit = 1] = kept.split(' ').map(Number)
  return (day === Math.floor(nowMs / DAY_MS) ? left : limit) <= 0
}
