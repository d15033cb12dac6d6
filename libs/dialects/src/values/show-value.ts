/** An input or output as clients of dialects read it: a value, with an address in the place of each file. Called by API and worker. */
import {
  type InputFile,
  isStored,
  type JsonValue,
  replaceAt,
  type StoredFile,
  type StoredValue,
} from '@millrace/contracts'

/** What clients are told of a file, or of an output that is too large to stand in an answer. */
export interface ShownFile {
  /** Opens without a key. */
  url: string
  content_type: string
  name: string
  /** Bytes. */
  size: number
}

export interface ShowValue {
  /** A larger value is not read. Bytes. */
  most: number
  /** The text of a value that lies in the object store; undefined: it is gone. */
  read(stored: StoredValue): Promise<string | undefined>
  /** What stands in the place of a file. */
  show(file: StoredFile): Promise<unknown>
  /** What stands in the place of a value that is too large, of so many bytes. Default: null. */
  whole?(size: number): Promise<unknown>
}

/** How an output is told that is too large, beside its address and size. */
export const WHOLE_OUTPUT = { content_type: 'application/json', name: 'output.json' } as const

/** Shown in place of a secret, whatever its length. */
const MASK = '**********'

export async function showValue(
  value: JsonValue | null,
  files: readonly InputFile[],
  { most, read, show, whole }: ShowValue,
): Promise<unknown> {
  if (value === null) return null
  if ('stored' in value && value.stored.size > most) return (await whole?.(value.stored.size)) ?? null
  const text = 'inline' in value ? value.inline : ((await read(value.stored)) ?? 'null')
  // In an object of its own, so that the whole value may be a file.
  const holder: { value: unknown } = { value: JSON.parse(text) }
  if ('inline' in value) for (const pointer of value.secrets ?? []) replaceAt(holder, `/value${pointer}`, MASK)
  for (const file of files) {
    replaceAt(holder, `/value${file.pointer}`, isStored(file) ? await show(file) : withoutQuery(file.url))
  }
  return holder.value
}

/** An address in an input may hold a secret in its query. */
function withoutQuery(url: string): string {
  const { origin, pathname, search } = new URL(url)
  return `${origin}${pathname}${search === '' ? '' : '?…'}`
}
