/** An input or output as clients of dialects read it: a value, with an address in the place of each file. Called by API and worker. */
import {
  type InputFile,
  isStored,
  type JsonValue,
  replaceAt,
  type StoredFile,
  type StoredValue,
} from '@millrace/contracts'

export interface ShowValue {
  /** The text of a value that lies in the object store; undefined: it is gone, or too large to be shown. */
  read(stored: StoredValue): Promise<string | undefined>
  /** What stands in the place of a file. */
  show(file: StoredFile): Promise<unknown>
}

/** Shown in place of a secret, whatever its length. */
const MASK = '**********'

export async function showValue(
  value: JsonValue | null,
  files: readonly InputFile[],
  { read, show }: ShowValue,
): Promise<unknown> {
  if (value === null) return null
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
