/**
 * Puts a stand-in at the place of each file while a value is checked. The stand-in is an object of its own class, so no JSON
 * can imitate it. Called by schema-runner.ts.
 */

/** A file that lies beside the value; the value holds null at its place. */
export interface FileBeside {
  /** JSON pointer to its place. */
  pointer: string
  contentType: string
}

/** Stands at the place of a file while the value is checked. */
export class StandIn {
  readonly contentType: string
  /** The place of the file. It makes each stand-in different, because two files are never equal. */
  readonly pointer: string

  constructor({ contentType, pointer }: FileBeside) {
    this.contentType = contentType
    this.pointer = pointer
  }
}

/**
 * Calls `work` with the value while each file has its stand-in. The value is changed in place and changed back, since it may
 * be too large to copy. `noPlace` gives the answer for a file whose place does not exist, is not null, or belongs to another
 * file.
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

/** False when there is no such place, or when it does not hold `expected`. It never reaches a prototype. */
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
