/** What differs between two JSON Schemas, field by field, as somebody reads it who has written inputs for the older one. Called by schema-changes.tsx. */
type Schema = Record<string, unknown>

export interface FieldChange {
  /** As in `box.size`; of the items of a list `pages[]`. Empty: the value itself. */
  path: string
  kind: 'added' | 'removed' | 'changed'
  /** Of what is there now, or of what was there: its type, and whether it must be given. */
  before: string
  after: string
}

/** Deeper is told by the field that holds it. */
const DEEPEST = 6
/** Told in words to people, and no part of what is accepted. */
const ONLY_TOLD = new Set(['title', 'description', 'examples', '$schema', '$id', '$comment', 'x-order'])

export function compareSchemas(before: unknown, after: unknown): FieldChange[] {
  const [old, fresh] = [fieldsOf(before), fieldsOf(after)]
  const paths = [...new Set([...old.keys(), ...fresh.keys()])].sort()
  return paths.flatMap((path): FieldChange[] => {
    const [was, is] = [old.get(path), fresh.get(path)]
    if (was === is) return []
    if (was === undefined || is === undefined)
      return [{ path, kind: was === undefined ? 'added' : 'removed', before: was ?? '', after: is ?? '' }]
    return [{ path, kind: 'changed', before: was, after: is }]
  })
}

/** Each field by its path, with all that the schema demands of it in one line. */
function fieldsOf(schema: unknown): Map<string, string> {
  const fields = new Map<string, string>()
  const walk = (part: unknown, path: string, isNeeded: boolean, depth: number): void => {
    if (typeof part !== 'object' || part === null) return void fields.set(path, JSON.stringify(part))
    const { properties, required, items, type, ...rest } = part as Schema
    const isOpened = depth < DEEPEST
    const demands = Object.entries(isOpened ? rest : (part as Schema))
      .filter(([name]) => !ONLY_TOLD.has(name))
      .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
      .sort()
    const kind = type === undefined ? [] : [typeof type === 'string' ? type : JSON.stringify(type)]
    fields.set(path, [...kind, ...(isNeeded ? ['required'] : []), ...demands].join(', '))
    if (!isOpened) return
    const needed = new Set(Array.isArray(required) ? required : [])
    for (const [name, field] of Object.entries((properties ?? {}) as Schema))
      walk(field, path === '' ? name : `${path}.${name}`, needed.has(name), depth + 1)
    if (items !== undefined) walk(items, `${path}[]`, false, depth + 1)
  }
  walk(schema, '', false, 0)
  return fields
}
