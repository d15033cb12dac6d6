/** How deeply a value in the pipe may be nested. Both ends apply this limit. */

/** Deepest nesting. Deeper values would overflow the stack of code that writes them as JSON. */
const MAX_DEPTH = 256

export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth >= MAX_DEPTH || Object.values(value).some((item) => isTooDeep(item, depth + 1))
}
