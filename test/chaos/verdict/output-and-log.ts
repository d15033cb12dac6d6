/** Reads the output and the log of a job wherever they lie: in its record, in its stream, or in an object. Called by read-evidence.ts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonValue } from '@millrace/contracts'

/** Behind the names of objects in the folder of a store. */
export const SUFFIX = '@object'

type Fields = Readonly<Record<string, string>>
type Entry = readonly [id: string, json: string]

/** The bytes of an object; undefined when there is none. The store writes what it knows of it behind them. */
export async function bytesOf(root: string, key: string, size: number): Promise<Buffer | undefined> {
  try {
    return (await readFile(join(root, `${key}${SUFFIX}`))).subarray(0, size)
  } catch {
    return undefined
  }
}

/** JSON text of its output; undefined when it has none, or none that can be read. */
export async function outputOf(root: string, { output }: Fields): Promise<string | undefined> {
  const value = JSON.parse(output || 'null') as JsonValue | null
  if (value === null || 'inline' in value) return value?.inline
  return (await bytesOf(root, value.stored.key, value.stored.size))?.toString()
}

interface Shelved {
  key: string
  pieces: [last: string, end: number][]
}

const shelvedOf = ({ log }: Fields): Shelved | undefined => (log ? (JSON.parse(log) as Shelved) : undefined)

/** Its log: what of it went to an object, then what is in the stream or the record, without the event that is in both. */
export async function logOf(root: string, record: Fields, stream: [string, string[]][]): Promise<Entry[]> {
  const shelved = shelvedOf(record)
  const text = shelved && (await bytesOf(root, shelved.key, shelved.pieces.at(-1)?.[1] ?? 0))?.toString()
  const first = (text ?? '').split('\n').filter(Boolean).map(entryOf)
  const streamed = stream.map(([id, fields]): Entry => [id, fields[1] ?? '{}'])
  const rest = streamed.length > 0 ? streamed : toldByRecord(record)
  const known = new Set(first.map(([id]) => id))
  return [...first, ...rest.filter(([id]) => !known.has(id))]
}

const entryOf = (line: string): Entry => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]

function toldByRecord({ folded, created_us, moves = '' }: Fields): Entry[] {
  if (!folded) {
    if (!created_us) return []
    const told = moves
      .split('\n')
      .filter(Boolean)
      .map((line): Entry => {
        const [id = '', status, attempt, reason] = line.split('\t')
        return [id, JSON.stringify({ type: 'status', status, attempt: Number(attempt), reason: reason || undefined })]
      })
    return [[`${Math.floor(Number(created_us) / 1000)}-0`, '{"type":"status","status":"queued","attempt":0}'], ...told]
  }
  const list = JSON.parse(folded) as string[]
  return list.flatMap((id, i) => (i % 2 === 0 ? [[id, list[i + 1] ?? '{}'] as const] : []))
}

/** Keys of the objects that a record names, beside its files. */
export function namedObjects(record: Fields): string[] {
  const values = [record.input, record.output].map((text) => JSON.parse(text || 'null') as JsonValue | null)
  const keys = values.flatMap((value) => (value && 'stored' in value ? [value.stored.key] : []))
  return [...keys, ...(shelvedOf(record) ? [shelvedOf(record)!.key] : [])]
}
