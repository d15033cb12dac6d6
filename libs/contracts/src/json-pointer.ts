/**
 * JSON pointers (RFC 6901) into values from outside: only own properties are read or written, never a prototype. The
 * API fills forms and names faults with them; host and runner put files into their places.
 */

/** The keys of a pointer: `/pages/0` gives `['pages', '0']`. Undefined when the text is empty or no JSON pointer. */
export const parsePointer = (pointer: string): string[] | undefined =>
  /^(\/([^~/]|~[01])*)+$/.test(pointer) ? keysOf(pointer) : undefined

/** The pointer to a key of the value that `parent` points to. */
export const pointerTo = (parent: string, key: string | number): string =>
  `${parent}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`

/** The value that a pointer leads to, or undefined when there is none. */
export const valueAt = (root: unknown, pointer: string): unknown =>
  keysOf(pointer).reduce<unknown>((holder, key) => childOf(holder, key), root)

/**
 * Replaces the value that a pointer leads to, in place. Returns false when there is no such value: every step must
 * exist, so a pointer can neither add to the value nor reach a prototype.
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
 * Puts a value into a free place (absent or null) and makes the objects and arrays on the way. An array grows by one
 * item at a time. Returns false when the place is taken or cannot exist.
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

/** Assignment could set the prototype, with a key such as __proto__; a definition cannot. */
function setOwn(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
}
