/** One text for equal JSON values, whatever the order of their keys; and the hash that tells two submits apart. */
import { createHash } from 'node:crypto'

/** Keys sorted by code unit, no spaces. `replace` may stand in for a string value. */
export function canonicalJson(value: unknown, replace: (text: string) => string | null = (text) => text): string {
  if (typeof value === 'string') return JSON.stringify(replace(value))
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, replace)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item, replace)}`)
  return `{${fields.join(',')}}`
}

/** SHA-256, in hexadecimal. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
