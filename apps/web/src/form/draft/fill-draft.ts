/**
 * Fills a form with a value: a preset of the model, the input of an earlier job, or the JSON that somebody wrote. Where a
 * value does not fit its control, the place holds it as JSON. Nothing that is given is lost, except masked secrets.
 */
import { numberIn } from '@millrace/schema/text'
import { isObject, type Json, JsonNumber, type JsonObject, writeJson } from '../../json/json.ts'
import type { ChoiceControl, Control, EitherControl, ListControl, ObjectControl } from '../controls/control.ts'
import { type Draft, givenAddress, type JsonDraft } from './draft.ts'
import { fileIn } from '../../json/file-in.ts'

/** What the API shows in the place of a secret. */
const MASK = '**********'

/** The draft of a value. Undefined for undefined. */
export function fillDraft(control: Control, value: Json | undefined): Draft | undefined {
  if (value === undefined) return undefined
  return drawnDraft(control, value) ?? jsonDraft(value)
}

export const jsonDraft = (value: Json): JsonDraft => ({ kind: 'json', text: writeJson(value, 2) })

/** Undefined when the control cannot show the value. */
function drawnDraft(control: Control, value: Json): Draft | undefined {
  if (value === null && control.nullable) return { kind: 'null' }
  switch (control.kind) {
    case 'text':
      return typeof value === 'string' ? { kind: 'text', text: value } : undefined
    case 'number':
      return numberDraft(value)
    case 'flag':
      return typeof value === 'boolean' ? { kind: 'flag', on: value } : undefined
    case 'choice':
      return choiceDraft(control, value)
    case 'file':
      return fileDraft(value)
    case 'list':
      return listDraft(control, value)
    case 'object':
      return objectDraft(control, value)
    case 'either':
      return eitherDraft(control, value)
    case 'json':
      return undefined
  }
}

function numberDraft(value: Json): Draft | undefined {
  if (value instanceof JsonNumber) return { kind: 'text', text: value.text }
  // Python conventions take "3" for 3.
  return typeof value === 'string' && numberIn(value) !== undefined ? { kind: 'text', text: value } : undefined
}

function choiceDraft({ values }: ChoiceControl, value: Json): Draft | undefined {
  const text = writeJson(value)
  const at = values.findIndex((one) => writeJson(one) === text)
  return at === -1 ? undefined : { kind: 'choice', at }
}

function fileDraft(value: Json): Draft | undefined {
  if (typeof value === 'string') return { kind: 'file', file: givenAddress(value) }
  const file = fileIn(value)
  return file && { kind: 'file', file: { ref: file.id, name: file.name, isLocal: false, kept: file } }
}

function listDraft(control: ListControl, value: Json): Draft | undefined {
  if (!Array.isArray(value)) return undefined
  return { kind: 'list', items: value.map((item, key) => ({ key, draft: fillDraft(control.item(), item) })) }
}

function objectDraft(control: ObjectControl, value: Json): Draft | undefined {
  if (!isObject(value)) return undefined
  const byName = new Map(control.fields().map((field) => [field.name, field.control]))
  const fields = new Map<string, Draft>()
  for (const [name, part] of value) {
    const field = byName.get(name)
    fields.set(name, field ? (fillDraft(field, part) as Draft) : jsonDraft(part))
  }
  return { kind: 'object', fields }
}

function eitherDraft({ branches }: EitherControl, value: Json): Draft | undefined {
  for (const [branch, control] of branches.entries()) {
    if (!fits(control, value)) continue
    return { kind: 'either', branch, draft: fillDraft(control, value) }
  }
  return undefined
}

/** Whether a value is of the kind that a control asks for; of several, the first that it fits is taken. */
function fits(control: Control, value: Json): boolean {
  if (value === null && control.nullable) return true
  switch (control.kind) {
    case 'json':
      return true
    case 'number':
      return value instanceof JsonNumber && (!control.whole || Number.isInteger(Number(value.text)))
    case 'list':
      return Array.isArray(value) && value.every((item) => fits(control.item(), item))
    case 'object':
      return isObject(value) && fitsFields(control, value)
    case 'either':
      return control.branches.some((branch) => fits(branch, value))
    case 'file':
      return fileIn(value) !== undefined || (typeof value === 'string' && looksLikeFile(value))
    default:
      return drawnDraft(control, value) !== undefined
  }
}

function fitsFields(control: ObjectControl, value: JsonObject): boolean {
  return control.fields().every((field) => {
    const part = value.get(field.name)
    return part === undefined ? !field.required : fits(field.control, part)
  })
}

const looksLikeFile = (text: string): boolean => /^(?:data:|https?:\/\/|file_[0-9a-z_]+$)/i.test(text)

/** The value without the secrets that the API has masked, and how many there were. */
export function withoutMasked(value: Json): { value: Json; masked: number } {
  let masked = 0
  const kept = (part: Json): Json => {
    if (Array.isArray(part)) return part.map(kept)
    if (!isObject(part)) return part
    const entries = [...part].filter(([, inner]) => inner !== MASK)
    masked += part.size - entries.length
    return new Map(entries.map(([key, inner]) => [key, kept(inner)]))
  }
  return { value: kept(value), masked }
}
