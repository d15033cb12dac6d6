/** A command line that sends one job to a model, made from its manifest. Printed by `millrace dev`. */
import type { Manifest } from '@millrace/contracts'
import { hideSecrets, isSchema as isObject, resolveReference as resolved, type Schema } from '@millrace/schema'

/** A curl command that waits for the result. It names the API key and never shows it. The reader puts in the files. */
export function exampleRequest(url: string, manifest: Manifest, withKey: boolean): string {
  const root = hideSecrets(manifest.input_schema)
  const files = filesOf(root)
  const input = exampleOf(root, root, 0)
  if (isObject(input)) for (const { name } of files) delete input[name]
  const json = JSON.stringify(input)
  const parts = [
    'curl',
    ...(withKey ? ['-H "Authorization: Bearer $MILLRACE_API_KEY"'] : []),
    "-H 'Prefer: wait=30'",
    ...(files.length > 0
      ? [
          ...(json === '{}' ? [] : [`-F ${quoted(`input=${json}`)}`]),
          ...files.map((file) => `-F ${file.name}=@${file.as}`),
        ]
      : ["-H 'Content-Type: application/json'", `-d ${quoted(`{"input":${json}}`)}`]),
  ]
  return `${parts.join(' ')} ${url}/v1/models/${manifest.name}/jobs`
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

function filesOf(schema: Schema): { name: string; as: string }[] {
  const required = Array.isArray(schema.required) ? schema.required : []
  const properties = isObject(schema.properties) ? Object.entries(schema.properties) : []
  return properties
    .filter(([name, property]) => required.includes(name) && isObject(property) && property.format === 'file')
    .map(([name, property]) => ({ name, as: fileName((property as Schema).contentMediaType) }))
}

/** `image/*` becomes image.file, `application/pdf` becomes file.pdf. */
function fileName(type: unknown): string {
  const [kind = 'your', what = '*'] = typeof type === 'string' ? type.split('/') : []
  return /^[a-z0-9]{1,8}$/.test(what) ? `file.${what}` : `${kind.replace(/[^a-z]/g, '') || 'your'}.file`
}

/** A deeper example helps no reader, and a schema may refer to itself. */
const DEEPEST = 5

function exampleOf(given: unknown, root: Schema, depth: number): unknown {
  if (!isObject(given) || depth > DEEPEST) return {}
  const schema = resolved(given, root)
  if ('const' in schema) return schema.const
  if ('default' in schema) return schema.default
  for (const list of [schema.examples, schema.enum]) if (Array.isArray(list) && list.length > 0) return list[0]
  const choice = [schema.anyOf, schema.oneOf].find(Array.isArray)?.[0] as unknown
  if (choice !== undefined) return exampleOf(choice, root, depth + 1)
  const type: unknown = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case 'string':
      return exampleText(schema)
    case 'integer':
    case 'number':
      return exampleNumber(schema)
    case 'boolean':
      return true
    case 'null':
      return null
    case 'array':
      return Number(schema.minItems ?? 0) > 0 ? [exampleOf(schema.items, root, depth + 1)] : []
    default:
      return exampleObject(schema, root, depth)
  }
}

function exampleObject(schema: Schema, root: Schema, depth: number): Record<string, unknown> {
  const properties = isObject(schema.properties) ? schema.properties : {}
  const required = Array.isArray(schema.required) ? schema.required.map(String) : []
  // A field with a default is left out: there is less to read, and the API fills it in.
  const asked = required.filter((name) => isObject(properties[name]) && !('default' in (properties[name] as Schema)))
  return Object.fromEntries(asked.map((name) => [name, exampleOf(properties[name], root, depth + 1)]))
}

function exampleText(schema: Schema): string {
  const texts: Record<string, string> = {
    uri: 'https://example.com',
    email: 'you@example.com',
    date: '2030-01-31',
    'date-time': '2030-01-31T12:00:00Z',
  }
  const text = texts[String(schema.format)] ?? 'hello'
  return text.padEnd(Number(schema.minLength ?? 0), 'o').slice(0, Number(schema.maxLength ?? Number.POSITIVE_INFINITY))
}

function exampleNumber({ minimum, exclusiveMinimum, maximum }: Schema): number {
  if (typeof minimum === 'number' && minimum > 0) return minimum
  if (typeof exclusiveMinimum === 'number') return exclusiveMinimum + 1
  return typeof maximum === 'number' && maximum < 1 ? maximum : 1
}
