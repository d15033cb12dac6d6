/**
 * A filter as parameters of a query: `status=failed,canceled&metadata[order]=42`. Called by the routes of the API; the clients
 * write it.
 */
// No label has the one name that parsers do not agree about: it would be lost on the way, and its condition with it.
const LABEL = /^metadata\[(?!__proto__\])(.*)\]$/s

/** Lists may be written with commas, or by naming the parameter again. */
const LISTS = new Set(['status'])

/** What `jobFilterSchema` checks. Names that it does not know stay, so that it refuses them. */
export function filterOfQuery(parameters: Iterable<readonly [name: string, value: string]>): Record<string, unknown> {
  const filter = new Map<string, unknown>()
  const labels = new Map<string, string>()
  for (const [name, value] of parameters) {
    const label = LABEL.exec(name)
    if (label) labels.set(label[1] as string, value)
    else if (LISTS.has(name)) filter.set(name, [...((filter.get(name) as string[]) ?? []), ...value.split(',')])
    else filter.set(name, value)
  }
  if (labels.size > 0) filter.set('metadata', Object.fromEntries(labels))
  return Object.fromEntries(filter)
}
