/** The call as `millrace submit`. A value is `key=text` where the command reads that text as the value, else `key:=json`. */
import { parsePointer } from '@millrace/contracts/json-pointer'
import type { Control } from '../form/controls/control.ts'
import { type Json, JsonNumber, writeJson } from '../json/json.ts'
import type { ShownCall } from './shown-call.ts'
import { localFiles } from './local-files.ts'
import { commandLine, quoted } from './command-line.ts'

/** Options of a submit, and their flags. */
const FLAGS: Record<string, string> = {
  kind: '--kind',
  version: '--version',
  priority: '--priority',
  webhook: '--webhook',
}

/** Undefined where no command line can say it. */
export function writeCli(call: ShownCall): string | undefined {
  const words: string[] = []
  const local = localFiles(call, ([pointer]) => isTaken(pointer, call.input))
  for (const [key, value] of call.input) {
    const assigned = assignments(key, value, { control: fieldOf(call.control, key), local })
    if (!assigned) return undefined
    words.push(...assigned)
  }
  for (const [name, value] of call.options) {
    if (name === 'metadata' && value instanceof Map)
      for (const [key, label] of value) words.push('--metadata', `${key}=${plainText(label)}`)
    else if (FLAGS[name] !== undefined && typeof value === 'string') words.push(FLAGS[name], value)
  }
  if (/^https?:\/\/(127\.0\.0\.1|localhost):7070$/.test(call.url) === false) words.push('--url', call.url)
  return commandLine(['npx', 'millrace', 'submit', quoted(call.model)], words.map(quoted))
}

/** Files inside of objects cannot be given on a command line. */
function isTaken(pointer: string, input: Json): boolean {
  const [key = '', at, ...deeper] = parsePointer(pointer) ?? []
  return at === undefined || (deeper.length === 0 && input instanceof Map && Array.isArray(input.get(key)))
}

const fieldOf = (control: Control, key: string): Control | undefined =>
  control.kind === 'object' ? control.fields().find(({ name }) => name === key)?.control : undefined

function assignments(
  key: string,
  value: Json,
  { control, local }: { control: Control | undefined; local: ReadonlyMap<string, string> },
): string[] | undefined {
  // The command looks for the first `=`.
  if (key === '' || key.includes('=') || key.endsWith(':') || key.startsWith('-')) return undefined
  const pointer = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
  const own = local.get(pointer)
  if (own !== undefined) return [`${key}=@${own}`]
  if (Array.isArray(value) && value.length > 0 && local.has(`${pointer}/0`)) {
    return value.map((_, at) => `${key}=@${local.get(`${pointer}/${at}`)}`)
  }
  return [isPlain(control, value) ? `${key}=${plainText(value)}` : `${key}:=${writeJson(value)}`]
}

/** Whether the command reads the bare text as this value. */
function isPlain(control: Control | undefined, value: Json): boolean {
  if (control?.kind === 'text') return typeof value === 'string' && !value.startsWith('@')
  if (control?.kind === 'file') return typeof value === 'string' && /^(data:|https?:\/\/|file_[0-9a-z_]+$)/.test(value)
  if (control?.kind === 'number') return value instanceof JsonNumber
  return control?.kind === 'flag' && typeof value === 'boolean'
}

const plainText = (value: Json): string => (typeof value === 'string' ? value : writeJson(value))
