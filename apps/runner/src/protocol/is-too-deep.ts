/** How deeply a value may be nested that travels through the pipe. Both ends keep it. */

/** Deeper values overflow the stack of whoever writes them as JSON again. */
const MAX_DEPTH = 256

export function isTooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth >= MAX_DEPTH || Object.values(value).some((item) => isTooDeep(item, depth + 1))
}
