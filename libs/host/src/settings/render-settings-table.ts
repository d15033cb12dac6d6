/** Makes a table of the keys of millrace.yaml from their schema. `npm run generate` puts it into docs/models.md. */
import { z } from 'zod'
import { modelSettingsSchema, TYPESCRIPT_KEYS } from './model-settings.ts'

interface JsonSchema {
  type?: string
  enum?: unknown[]
  anyOf?: JsonSchema[]
  items?: JsonSchema
}

const WORDS: Record<string, string> = { string: 'text', integer: 'whole number', number: 'number', object: 'map' }

/** Markdown with one row per key: what it takes, for which models, and what it means. */
export function renderSettingsTable(): string {
  const rows = Object.entries(modelSettingsSchema.shape).map(([key, schema]) => {
    const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
    const models = key === 'node_options' ? 'TypeScript' : TYPESCRIPT_KEYS.has(key) ? 'all' : 'Python'
    return `| \`${key}\` | ${takes(json)} | ${models} | ${schema.description ?? ''} |`
  })
  return ['| key | takes | models | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function takes(schema: JsonSchema): string {
  if (schema.anyOf) return schema.anyOf.map(takes).join(' or ')
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.type === 'array') return `list of ${takes(schema.items ?? {})}`
  return WORDS[schema.type ?? ''] ?? 'anything'
}
