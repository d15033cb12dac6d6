/** The call as a curl command. Files of this machine are parts of a form, everything else is JSON. */
import { parsePointer } from '@millrace/contracts/json-pointer'
import { type Json, JsonNumber, type JsonObject, writeJson } from '../json/json.ts'
import { localFiles, without } from './local-files.ts'
import type { ShownCall } from './shown-call.ts'
import { commandLine, quoted } from './command-line.ts'

export function writeCurl(call: ShownCall): string {
  // The name of a part ends at its first `=`.
  const files = localFiles(call, ([pointer]) => !pointer.includes('='))
  const body = files.size === 0 ? jsonBody(call) : formBody(call, files)
  // The variable stands in double quotes, so that the shell puts the key in.
  const key = call.withKey ? ['-H', '"Authorization: Bearer $MILLRACE_API_KEY"'] : []
  return commandLine(['curl', quoted(`${call.url}/v1/models/${call.model}/jobs`)], [...key, ...body.map(quoted)])
}

function jsonBody({ input, options }: ShownCall): string[] {
  const body: JsonObject = new Map<string, Json>([['input', input], ...options])
  return ['-H', 'Content-Type: application/json', '-d', writeJson(body)]
}

function formBody({ input, options }: ShownCall, files: ReadonlyMap<string, string>): string[] {
  const rest = without(input, [...files.keys()])
  const given = rest.size === 0 ? [] : ['--form-string', `input=${writeJson(rest)}`]
  const fields = [...options].flatMap(([name, value]) => ['--form-string', `${name}=${textOf(value)}`])
  return [
    ...given,
    ...fields,
    ...[...files].flatMap(([pointer, name]) => ['-F', `${partName(pointer)}=@${partFile(name)}`]),
  ]
}

const textOf = (value: Json): string =>
  typeof value === 'string' ? value : value instanceof JsonNumber ? value.text : writeJson(value)

/** Fields of a form that mean the request itself. */
const RESERVED =
  /^(input|metadata|kind|version|priority|run_at|expires_in|reject_if_late|timeout|keep_for|max_attempts|webhook\w*)$/

/** A key of the input by its name, any other place by its pointer. */
function partName(pointer: string): string {
  const keys = parsePointer(pointer) ?? []
  const [key = ''] = keys
  return keys.length === 1 && /^\w+$/.test(key) && !RESERVED.test(key) ? key : pointer
}

/** curl reads `;` and `,` behind a file unless it is quoted. */
const partFile = (name: string): string => (/[;,"]/.test(name) ? `"${name.replaceAll(/["\\]/g, '\\$&')}"` : name)
