/** What the code beside a form shows: one submit with the values that were given. It never holds a key. */
import type { Control } from '../form/controls/control.ts'
import type { Json, JsonObject } from '../json/json.ts'

/** Stands for a secret that was typed. */
export const SECRET = 'YOUR_SECRET'

export interface ShownCall {
  /** Address of the server, without a slash at its end. */
  url: string
  model: string
  control: Control
  input: JsonObject
  /** Names of files of this machine, by the pointer of their place. */
  files: ReadonlyMap<string, string>
  /** What stands beside the input, such as `priority`. */
  options: JsonObject
  /** Whether the server asks for a key. */
  withKey: boolean
}

/** A call with each secret that was typed replaced by words. */
export function withoutSecrets(control: Control, value: Json): Json {
  if (control.kind === 'text' && control.as === 'secret') return SECRET
  if (control.kind === 'list' && Array.isArray(value)) return value.map((item) => withoutSecrets(control.item(), item))
  if (control.kind === 'either') return control.branches.reduce((shown, branch) => withoutSecrets(branch, shown), value)
  if (control.kind !== 'object' || !(value instanceof Map)) return value
  const byName = new Map(control.fields().map((field) => [field.name, field.control]))
  return new Map([...value].map(([name, part]) => [name, withoutSecrets(byName.get(name) ?? control, part)]))
}
