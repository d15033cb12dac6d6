/**
 * Reads a form: the input as it will be sent, and what is wrong with it. Only what the schema says plainly is looked at; the
 * server checks everything. Called when something is typed, and before a job is sent.
 */
import { pointerTo } from '@millrace/contracts/json-pointer'
import { numberIn } from '@millrace/schema/text'
import { type Json, JsonNumber, parseJson, writeJson } from '../../json/json.ts'
import type { Rule } from '../../words/form.ts'
import type { Control, Count, ListControl, NumberControl, ObjectControl, TextControl } from '../controls/control.ts'
import { type Draft, fieldsIn, type GivenFile, itemsIn } from './draft.ts'

export interface DraftFault {
  /** JSON pointer. */
  path: string
  /** Which rule it breaks. */
  rule: Rule
  /** The bound that is not kept. */
  bound?: number
}

export interface ReadForm {
  input: Json
  faults: DraftFault[]
  /** Files that came from this machine, by the pointer of their place. */
  files: Map<string, GivenFile>
}

/** `path`: where the value stands in the request, for the paths of its faults. */
export function readForm(control: Control, draft: Draft | undefined, path = ''): ReadForm {
  const reader = new DraftReader()
  const input = reader.read(control, draft, path, true)
  return { input: input ?? new Map<string, Json>(), faults: reader.faults, files: reader.files }
}

class DraftReader {
  readonly faults: DraftFault[] = []
  readonly files = new Map<string, GivenFile>()

  /** Undefined: nothing is sent for this place. */
  read(control: Control, draft: Draft | undefined, path: string, isRequired: boolean): Json | undefined {
    if (draft === undefined) return this.#absent(control, path, isRequired)
    if (draft.kind === 'null') return null
    if (draft.kind === 'json') return this.#json(draft.text, path, isRequired)
    switch (control.kind) {
      case 'text':
        return draft.kind === 'text' ? this.#text(control, draft.text, path) : undefined
      case 'number':
        return draft.kind === 'text' ? this.#number(control, draft.text, path) : undefined
      case 'flag':
        return draft.kind === 'flag' ? draft.on : undefined
      case 'choice':
        return draft.kind === 'choice' ? control.values[draft.at] : undefined
      case 'file':
        return draft.kind === 'file' ? this.#file(draft.file, path) : undefined
      case 'list':
        return this.#list(control, draft, path)
      case 'object':
        return this.#object(control, draft, path)
      case 'either':
        return draft.kind === 'either'
          ? this.#either(control.branches[draft.branch], draft.draft, path, isRequired)
          : undefined
      case 'json':
        return undefined
    }
  }

  /** What stands for a place in which nothing was given. */
  #absent(control: Control, path: string, isRequired: boolean): Json | undefined {
    if (!isRequired || control.default !== undefined) return undefined
    if (control.nullable) return null
    switch (control.kind) {
      case 'flag':
        return false
      case 'choice':
        return control.values.length === 1 ? control.values[0] : this.#fault(path, 'required')
      case 'list':
        return this.#list(control, undefined, path)
      case 'object':
        return this.#object(control, undefined, path)
      case 'either':
        return this.#either(control.branches[0], undefined, path, true)
      default:
        return this.#fault(path, 'required')
    }
  }

  #either(branch: Control | undefined, draft: Draft | undefined, path: string, isRequired: boolean): Json | undefined {
    return branch && this.read(branch, draft, path, isRequired)
  }

  #json(text: string, path: string, isRequired: boolean): Json | undefined {
    if (text.trim() === '') return isRequired ? this.#fault(path, 'required') : undefined
    const value = parseJson(text)
    return value === undefined ? this.#fault(path, 'json') : value
  }

  #text({ length }: TextControl, text: string, path: string): Json {
    this.#count(length, lengthOf(text), path, ['shortest', 'longest'])
    return text
  }

  #number({ whole, range }: NumberControl, text: string, path: string): Json | undefined {
    const digits = numberIn(text)
    if (digits === undefined) return this.#fault(path, 'number')
    const number = Number(digits)
    const { least = -Infinity, most = Infinity, above = -Infinity, below = Infinity, multipleOf } = range
    if (whole && !Number.isInteger(number)) this.#fault(path, 'whole')
    else if (number < least) this.#fault(path, 'least', least)
    else if (number > most) this.#fault(path, 'most', most)
    else if (above !== -Infinity && number <= above) this.#fault(path, 'above', above)
    else if (below !== Infinity && number >= below) this.#fault(path, 'below', below)
    else if (multipleOf !== undefined && !Number.isInteger(number / multipleOf))
      this.#fault(path, 'multipleOf', multipleOf)
    // The digits as they were typed: a number that no double holds is refused by the server, and never changed here.
    return new JsonNumber(digits)
  }

  #file(file: GivenFile, path: string): Json | undefined {
    if (file.ref === undefined || file.ref === '') return this.#fault(path, 'file')
    if (file.isLocal) this.files.set(path, file)
    return file.ref
  }

  #list(control: ListControl, draft: Draft | undefined, path: string): Json {
    const found: Json[] = []
    for (const { draft: item } of itemsIn(draft)) {
      const value = this.read(control.item(), item, pointerTo(path, found.length), true)
      // The places behind it must not move: a fault of the server is shown by its place.
      found.push(value ?? null)
    }
    this.#count(control.items, found.length, path, ['fewest', 'most_items'])
    const isRepeated = control.unique && new Set(found.map((item) => writeJson(item))).size < found.length
    if (isRepeated) this.#fault(path, 'unique')
    return found
  }

  #object(control: ObjectControl, draft: Draft | undefined, path: string): Json {
    const given = fieldsIn(draft)
    const found = new Map<string, Json>()
    const add = (name: string, value: Json | undefined): unknown => value !== undefined && found.set(name, value)
    const fields = control.fields()
    for (const { name, control: field, required } of fields) {
      add(name, this.read(field, given.get(name), pointerTo(path, name), required))
    }
    const named = new Set(fields.map(({ name }) => name))
    for (const [name, extra] of given) {
      if (!named.has(name)) add(name, this.read(EXTRA, extra, pointerTo(path, name), true))
    }
    return found
  }

  #count({ least, most }: Count, count: number, path: string, [few, many]: [Rule, Rule]): void {
    if (least !== undefined && count < least) this.#fault(path, few, least)
    else if (most !== undefined && count > most) this.#fault(path, many, most)
  }

  #fault(path: string, rule: Rule, bound?: number): undefined {
    this.faults.push({ path, rule, bound })
  }
}

/** The control of what a schema does not name. */
export const EXTRA: Control = { kind: 'json', deprecated: false, nullable: false }

/** In characters as JSON Schema counts them: one for each code point. */
const lengthOf = (text: string): number => text.replaceAll(/[\ud800-\udbff][\udc00-\udfff]/g, '-').length
