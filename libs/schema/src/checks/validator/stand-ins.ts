/** Puts something that no JSON can be where files belong in a value, while the value is checked. */

/** A file that lies beside the value; the value holds null at its place. */
export interface FileBeside {
  /** JSON pointer to its place. */
  pointer: string
  contentType: string
}

/** Stands where a file belongs while the rest is checked. */
export class StandIn {
  readonly contentType: string
  /** Its place: no two files are the same. */
  readonly pointer: string

  constructor({ contentType, pointer }: FileBeside) {
    this.contentType = contentType
    this.pointer = pointer
  }
}

/**
 * Does `work` with the value in which each file has its stand-in: in place and back again, since a value may be too large
 * to copy for this. `noPlace` answers for a file whose place is not there, or not null, or another file's.
 */
export function withStandIns<T>(
  value: unknown,
  files: readonly FileBeside[],
  work: (value: unknown) => T,
  noPlace: (file: FileBeside) => T,
): T {
  const root = { value }
  const placed: FileBeside[] = []
  try {
    for (const file of files) {
      if (!put(root, file, null, new StandIn(file))) return noPlace(file)
      placed.push(file)
    }
    return work(root.value)
  } finally {
    for (const file of placed) put(root, file, undefined, null)
  }
}

/** False when there is no such place, or when it does not hold what is `expected` there. Reaches no prototype. */
function put(root: { value: unknown }, { pointer }: FileBeside, expected: null | undefined, next: unknown): boolean {
  if (pointer !== '' && !pointer.startsWith('/')) return false
  const keys = `/value${pointer}`.split('/').slice(1)
  const last = unescaped(keys.pop() as string)
  let holder: unknown = root
  for (const key of keys) holder = isHolder(holder, unescaped(key)) ? holder[unescaped(key)] : undefined
  if (!isHolder(holder, last)) return false
  if (expected === null && holder[last] !== null) return false
  holder[last] = next
  return true
}

const unescaped = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~')

const isHolder = (value: unknown, key: string): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
