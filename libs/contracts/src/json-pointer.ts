/**
 * JSON pointers (RFC 6901) into values that others made: nothing but own properties is ever read or written. The API fills
 * forms and names faults by them; host and runner put files where they belong.
 */

/** The keys of a pointer such as `/pages/0`; undefined when it is none, or is empty. */
export const parsePointer = (pointer: string): string[] | undefined =>
  /^(\/([^~/]|~[01])*)+$/.test(pointer) ? keysOf(pointer) : undefined

/** The pointer of a key below a pointer. */
export const pointerTo = (parent: string, key: string | number): string =>
  `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

/** What a pointer leads to, or undefined. */
export const valueAt = (root: unknown, pointer: string): unknown =>
  keysOf(pointer).reduce<unknown>((holder, key) => childOf(holder, key), root)

/**
 * Replaces what a pointer leads to, in place. False when there is nothing: every step must be there already, so a pointer
 * can neither grow the value nor reach a prototype.
 */
export function replaceAt(root: unknown, pointer: string, value: unknown): boolean {
  const keys = keysOf(pointer)
  const last = keys.pop()
  const holder = keys.reduce<unknown>((above, key) => childOf(above, key), root)
  if (last === undefined || !hasOwn(holder, last)) return false
  setOwn(holder, last, value)
  return true
}

/**
 * Puts a value at a place that is free (absent or null), making the objects and arrays on the way; an array grows by one
 * at a time. False when the place is taken or cannot be there.
 */
export function fillAt(root: object, keys: readonly string[], value: unknown): boolean {
  let holder: unknown = root
  for (const [depth, key] of keys.entries()) {
    if (typeof holder !== 'object' || holder === null || !mayHold(holder, key)) return false
    const next = keys[depth + 1]
    const present = childOf(holder, key)
    if (next === undefined && present !== undefined && present !== null) return false
    if (next === undefined) setOwn(holder, key, value)
    else if (present === undefined || present === null) setOwn(holder, key, isIndex(next) ? [] : {})
    holder = childOf(holder, key)
  }
  return true
}

const keysOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

const isIndex = (key: string): boolean => /^(0|[1-9]\d{0,4})$/.test(key)

const mayHold = (holder: object, key: string): boolean =>
  !Array.isArray(holder) || (isIndex(key) && Number(key) <= holder.length)

const childOf = (holder: unknown, key: string): unknown => (hasOwn(holder, key) ? holder[key] : undefined)

const hasOwn = (value: unknown, key: string): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)

/** Not by assignment, by which a key may mean a prototype. */
function setOwn(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
}
