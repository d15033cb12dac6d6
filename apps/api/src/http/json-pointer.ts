/** JSON pointers (RFC 6901) into an input that a client sent: nothing but own properties is ever read or written. */

/** The keys of a pointer such as `/pages/0`; undefined when it is none, or is empty. */
export const parsePointer = (pointer: string): string[] | undefined =>
  /^(\/([^~/]|~[01])*)+$/.test(pointer) ? keysOf(pointer) : undefined

/** The keys of a pointer that the house itself wrote, whatever they are. */
export const keysOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))

/** The pointer of a key below a pointer. */
export const pointerTo = (parent: string, key: string): string =>
  `${parent}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** Replaces what is at a place; false when there is no such place. */
export function replaceAt(root: object, keys: readonly string[], value: unknown): boolean {
  const holder = keys.slice(0, -1).reduce<unknown>(childOf, root)
  const last = keys.at(-1)
  if (last === undefined || childOf(holder, last) === undefined) return false
  setOwn(holder as object, last, value)
  return true
}

/** Not by assignment, by which a key may mean a prototype. */
function setOwn(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
}

/**
 * Puts a value at a place that is free (absent or null), making the objects and arrays on the way; an array grows by one
 * at a time. Returns false when the place is taken or cannot be there.
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

const isIndex = (key: string): boolean => /^(0|[1-9]\d{0,4})$/.test(key)

const mayHold = (holder: object, key: string): boolean =>
  !Array.isArray(holder) || (isIndex(key) && Number(key) <= holder.length)

function childOf(holder: unknown, key: string): unknown {
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, key)) return undefined
  return (holder as Record<string, unknown>)[key]
}
