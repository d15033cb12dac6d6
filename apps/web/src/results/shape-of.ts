/** Decides what a result is shown as, by the value itself and by the schema of the output. */
import { isSchema } from '@millrace/schema/text'
import { fileIn, type FileShown } from '../json/file-in.ts'
import { isObject, type Json, JsonNumber, type JsonObject } from '../json/json.ts'

export type Shape =
  | { kind: 'text'; text: string }
  | { kind: 'scalar'; text: string }
  | { kind: 'file'; file: FileShown }
  | { kind: 'files'; files: FileShown[] }
  | { kind: 'table'; columns: string[]; rows: JsonObject[] }
  | { kind: 'fields'; fields: JsonObject }
  | { kind: 'nothing' }
  | { kind: 'tree'; value: Json }

/** A table of more columns is read more easily as a tree. */
const MOST_COLUMNS = 12
const MOST_FIELDS = 40

/** `depth`: how many objects are around it that are shown by their fields. */
export function shapeOf(value: Json, schema: unknown, depth = 0): Shape {
  const file = fileIn(value)
  if (file) return { kind: 'file', file }
  if (value === null) return { kind: 'nothing' }
  if (typeof value === 'string') return { kind: 'text', text: value }
  if (value instanceof JsonNumber) return { kind: 'scalar', text: value.text }
  if (typeof value === 'boolean') return { kind: 'scalar', text: String(value) }
  if (Array.isArray(value)) return listShape(value, schema)
  const isShort = value.size > 0 && value.size <= MOST_FIELDS
  return depth < 2 && isShort ? { kind: 'fields', fields: value } : { kind: 'tree', value }
}

function listShape(items: Json[], schema: unknown): Shape {
  if (isPieces(schema) && items.every((item) => typeof item === 'string')) return { kind: 'text', text: items.join('') }
  const files = items.map(fileIn)
  if (files.length > 0 && files.every((file) => file !== undefined)) return { kind: 'files', files }
  const columns = items.length > 0 && items.every(isRow) ? [...new Set(items.flatMap((row) => [...row.keys()]))] : []
  if (columns.length > 0 && columns.length <= MOST_COLUMNS)
    return { kind: 'table', columns, rows: items as JsonObject[] }
  return { kind: 'tree', value: items }
}

/** Whether a stream gives one text in pieces. */
export const isPieces = (schema: unknown): boolean =>
  isSchema(schema) && schema['x-cog-array-display'] === 'concatenate'

const isRow = (item: Json): item is JsonObject =>
  isObject(item) &&
  item.size > 0 &&
  [...item.values()].every((cell) => typeof cell !== 'object' || cell === null || cell instanceof JsonNumber)

/** The schema of a field, where it says one plainly. */
export function schemaOfField(schema: unknown, name: string): unknown {
  const properties = isSchema(schema) ? schema.properties : undefined
  return isSchema(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined
}
