/**
 * Makes an input of a form: texts and files by name become values as the model's schema has them. Called by read-submit.ts for
 * multipart and urlencoded bodies.
 */
import {
  type Fault,
  fillAt,
  type JobKind,
  LIMITS,
  type Manifest,
  parsePointer,
  pointerTo,
  ProblemError,
  type StoredFile,
} from '@millrace/contracts'
import { isSchema, itemOf, listsIn, readTexts, type Schema, schemasAt, takesFile } from '@millrace/schema'
import { decodeUtf8, readJson } from '../../http/body/read-json.ts'
import { refuseReservedSteps } from '../../http/body/refuse-reserved-keys.ts'
import { inputFault, invalidInput } from '../../input/invalid-input.ts'

/** One text or file, in the order in which they were sent. */
export type FormEntry = { name: string } & ({ bytes: Buffer; isJson?: boolean } | { file: StoredFile; text: string })

/** What a job of each kind takes, by which the texts of a form are read. */
export type Schemas = Partial<Record<JobKind, Schema>>

export const schemasOf = ({ input_schema, training }: Manifest): Schemas => ({
  prediction: input_schema,
  ...(training && { training: training.input_schema }),
})

/** What the schemas that an input may have to fit say about its places. */
export class FormPlaces {
  readonly #schemas: readonly Schema[]

  constructor(schemas: readonly Schema[]) {
    this.#schemas = schemas
  }

  /**
   * The keys that a name means: those of a JSON pointer, or the one key. `pages[]`, as some clients write a list, is
   * `pages`. Throws ProblemError.
   */
  keysOf(name: string): string[] {
    const isList = name.endsWith('[]') && name !== '[]' && !this.has(name)
    const pointer = name.startsWith('/') ? name : pointerTo('', isList ? name.slice(0, -2) : name)
    const keys = parsePointer(pointer)
    if (name === '' || !keys) {
      throw new ProblemError('malformed_multipart', {
        detail: 'A part is named by its key in the input, such as image, or by a JSON pointer, such as /pages/0.',
      })
    }
    refuseReservedSteps(keys)
    return keys
  }

  /** Whether the input has a field of this name. */
  has(name: string): boolean {
    return this.#schemas.some(({ properties }) => isSchema(properties) && Object.hasOwn(properties, name))
  }

  /** Whether a file may stand at the place itself. */
  takesFile(keys: readonly string[]): boolean {
    return this.#at(keys).some(([schema, root]) => takesFile(schema, root))
  }

  /** Whether several may come under one name. */
  takesSeveral(keys: readonly string[]): boolean {
    return this.#at(keys).some(([schema, root]) => listsIn(schema, root).length > 0)
  }

  #at(keys: readonly string[]): [Schema, Schema][] {
    return this.#schemas.flatMap((root) =>
      schemasAt(root, keys, root).map((schema): [Schema, Schema] => [schema, root]),
    )
  }
}

/**
 * Puts what a form sent into the input, and each file's own pointer into it. Answers how many values that added. Throws
 * ProblemError.
 */
export function fillForm(input: object, entries: readonly FormEntry[], schema: Schema): number {
  const places = new FormPlaces([schema])
  const groups = new Map<string, { keys: string[]; entries: FormEntry[] }>()
  for (const entry of entries) {
    const keys = places.keysOf(entry.name)
    const pointer = keys.reduce(pointerTo, '')
    const group = groups.get(pointer)
    if (group) group.entries.push(entry)
    else groups.set(pointer, { keys, entries: [entry] })
  }
  let nodes = 0
  // Sorted with numbers as numbers, so that a list is filled from its start.
  const inOrder = [...groups].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  for (const [pointer, group] of inOrder)
    nodes += new PlaceFiller(input, pointer, group.keys, schema).fill(group.entries)
  if (nodes > LIMITS.jsonNodes) throw new ProblemError('json_too_large')
  return nodes
}

class PlaceFiller {
  readonly #input: object
  readonly #pointer: string
  readonly #keys: string[]
  readonly #root: Schema
  readonly #schema: Schema
  #nodes = 0

  constructor(input: object, pointer: string, keys: string[], root: Schema) {
    this.#input = input
    this.#pointer = pointer
    this.#keys = keys
    this.#root = root
    this.#schema = asOne(schemasAt(root, keys, root))
  }

  /** Answers how many values were added. */
  fill(entries: FormEntry[]): number {
    const before = valueAt(this.#input, this.#keys)
    const isList = Array.isArray(before) || entries.length > 1 || !this.#takesOne(entries[0] as FormEntry)
    if (!isList) this.#put(this.#keys, this.#pointer, entries[0] as FormEntry, this.#schema)
    else this.#putList(entries, Array.isArray(before) ? before.length : 0)
    return this.#nodes
  }

  /** Where only a list fits, a single value becomes its one item. A text decides that itself, by how it reads. */
  #takesOne(entry: FormEntry): boolean {
    if (!('file' in entry)) return true
    return (
      takesFile(this.#schema, this.#root) || listsIn(this.#schema, this.#root).every(({ type }) => type !== 'array')
    )
  }

  #putList(entries: FormEntry[], from: number): void {
    const [list] = listsIn(this.#schema, this.#root)
    if (!list) throw invalidInput([this.#fault('repeated', `is given ${entries.length} times, and takes one value`)])
    if (from === 0 && !fillAt(this.#input, this.#keys, [])) throw this.#taken()
    let at = from
    for (const entry of entries) {
      const texts = 'bytes' in entry && !entry.isJson ? this.#listIn(entry.bytes, list, at) : undefined
      if (texts) for (const item of texts) this.#set([...this.#keys, String(at++)], item)
      else {
        this.#put([...this.#keys, String(at)], `${this.#pointer}/${at}`, entry, itemOf(list, at))
        at++
      }
    }
  }

  /** Several items that came as one JSON list, if an item is no list itself. */
  #listIn(bytes: Buffer, list: Schema, at: number): unknown[] | undefined {
    if (listsIn(itemOf(list, at), this.#root).length > 0) return undefined
    const value = this.#json(decodeUtf8(bytes))?.value
    return Array.isArray(value) ? value : undefined
  }

  #put(keys: string[], pointer: string, entry: FormEntry, schema: Schema): void {
    if ('file' in entry) {
      entry.file.pointer = pointer
      this.#nodes++
      return this.#set(keys, entry.text)
    }
    if (entry.isJson) {
      const { value, nodes } = readJson(entry.bytes, `/input${pointer}`)
      this.#nodes += nodes
      return this.#set(keys, value)
    }
    const text = decodeUtf8(entry.bytes)
    const read = readTexts([text], schema, this.#root, this.#json)
    this.#nodes++
    this.#set(keys, read?.value)
  }

  #set(keys: string[], value: unknown): void {
    if (!fillAt(this.#input, keys, value)) throw this.#taken()
  }

  /** Reads JSON as in a body, with the same refusals. Undefined for text that is not JSON. */
  #json = (text: string): { value: unknown } | undefined => {
    try {
      const read = readJson(Buffer.from(text), `/input${this.#pointer}`)
      this.#nodes += read.nodes
      return read
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'malformed_json') return undefined
      throw error
    }
  }

  #taken = () =>
    invalidInput([this.#fault('file', 'the place of this is taken, or not in an object or at the end of a list')])

  #fault = (code: string, message: string): Fault => inputFault(this.#pointer, message, code)
}

/** One schema for all that several choices say about a place. */
const asOne = (schemas: Schema[]): Schema => (schemas.length === 1 ? (schemas[0] as Schema) : { anyOf: schemas })

function valueAt(root: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (holder, key) =>
      typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
        ? (holder as Record<string, unknown>)[key]
        : undefined,
    root,
  )
}
