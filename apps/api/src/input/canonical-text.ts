/** One text for equal JSON values, whatever the order of their keys; and the hash that tells two submits apart. */
import { hash } from 'node:crypto'

/**
 * Keys are sorted by code unit, and texts have their length before them. It is not JSON: nobody reads it, and to escape a long
 * text costs more than to hash it. `replace` may give another text for a string value.
 */
export function canonicalText(value: unknown, replace: (text: string) => string | null = (text) => text): string {
  if (typeof value === 'string') return ofText(replace(value))
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item, replace)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const given = value as Record<string, unknown>
  let fields = ''
  for (const key of Object.keys(given).sort()) {
    if (given[key] !== undefined) fields += `${ofText(key)}:${canonicalText(given[key], replace)},`
  }
  return `{${fields}}`
}

const ofText = (text: string | null): string => (text === null ? 'null' : `${text.length}"${text}`)

/** SHA-256, in hexadecimal. */
export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex')
