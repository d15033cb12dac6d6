/** Files of a shown call that came from this machine, and the input without them. */
import { parsePointer } from '@millrace/contracts/json-pointer'
import type { Json, JsonObject } from '../json/json.ts'
import type { ShownCall } from './shown-call.ts'

/**
 * The files that the code names as files of a machine. A list shows all of its files in this way, or each by its id: the
 * places of the others must stay.
 */
export function localFiles(
  { input, files }: Pick<ShownCall, 'input' | 'files'>,
  isTaken: (file: [string, string]) => boolean,
): Map<string, string> {
  const taken = new Map([...files].filter(isTaken))
  for (const [pointer] of taken) {
    const list = listAt(input, pointer.slice(0, pointer.lastIndexOf('/')))
    const isWhole = list?.every((_, at) => taken.has(`${pointer.slice(0, pointer.lastIndexOf('/'))}/${at}`)) ?? true
    if (!isWhole) taken.delete(pointer)
  }
  return taken
}

function listAt(input: Json, pointer: string): Json[] | undefined {
  const found = (parsePointer(pointer) ?? []).reduce<Json | undefined>(
    (holder, key) =>
      holder instanceof Map ? holder.get(key) : Array.isArray(holder) ? holder[Number(key)] : undefined,
    input,
  )
  return Array.isArray(found) ? found : undefined
}

/** The input without what stands at these places; lists and objects that hold nothing else go too. */
export function without(input: JsonObject, pointers: readonly string[]): JsonObject {
  const gone = new Set(pointers)
  const kept = (value: Json, pointer: string): Json | undefined => {
    if (gone.has(pointer)) return undefined
    if (Array.isArray(value)) {
      const items = value.map((item, at) => kept(item, `${pointer}/${at}`)).filter((item) => item !== undefined)
      return items.length === 0 && value.length > 0 ? undefined : items
    }
    if (!(value instanceof Map)) return value
    const entries = [...value].flatMap(([key, part]): [string, Json][] => {
      const rest = kept(part, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`)
      return rest === undefined ? [] : [[key, rest]]
    })
    return entries.length === 0 && value.size > 0 ? undefined : new Map(entries)
  }
  return (kept(input, '') as JsonObject | undefined) ?? new Map<string, Json>()
}
