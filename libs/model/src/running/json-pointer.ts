/** JSON pointers (RFC 6901), as far as files in a value need them. */

/** The pointer of a key below a pointer. */
export const pointerTo = (parent: string, key: string | number): string =>
  `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

/**
 * Puts a value where a pointer leads, in place. False when there is no such place: every step must be there already,
 * as an own property, so a pointer can neither grow the value nor reach a prototype.
 */
export function placeAt(root: unknown, pointer: string, value: unknown): boolean {
  const keys = keysOf(pointer)
  const last = keys.pop()
  const holder = follow(root, keys)
  if (last === undefined || !hasOwn(holder, last)) return false
  holder[last] = value
  return true
}

/** What a pointer leads to, or undefined. */
export const valueAt = (root: unknown, pointer: string): unknown => follow(root, keysOf(pointer))

const keysOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

const follow = (root: unknown, keys: string[]): unknown =>
  keys.reduce<unknown>((holder, key) => (hasOwn(holder, key) ? holder[key] : undefined), root)

const hasOwn = (value: unknown, key: string): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
