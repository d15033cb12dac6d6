/**
 * Matches the patterns in a model's zod schemas in linear time. Zod checks inputs and answers in the model's own
 * process, and a text on which a pattern backtracks would hold that process until the job's time is over. Called when a
 * model has loaded.
 */

/** Replaces the patterns. Patterns with flags, and those that cannot be matched in linear time, stay as they are. */
export async function boundPatterns(schemas: readonly unknown[]): Promise<void> {
  const patterns = new Set<RegExp>()
  const seen = new Set<object>()
  for (const schema of schemas) collect(schema, patterns, seen)
  if (patterns.size === 0) return
  // Loaded only when it is needed: most models have no pattern, and loading takes time.
  const { linearRegExp } = await import('@millrace/schema')
  for (const pattern of patterns) {
    const linear = orUndefined(() => linearRegExp(pattern.source))
    if (linear) Object.defineProperty(pattern, 'test', { value: (text: string) => linear.test(text) })
  }
}

interface ZodPart {
  _zod: { def: Record<string, unknown>; innerType?: unknown }
}

const isZodPart = (value: object): value is ZodPart =>
  '_zod' in value && typeof (value as ZodPart)._zod?.def === 'object'

/** Goes through a schema by the definition that zod keeps of it. */
function collect(value: unknown, patterns: Set<RegExp>, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (value instanceof RegExp && /^u?$/.test(value.flags)) patterns.add(value)
  if (isZodPart(value)) {
    const { def } = value._zod
    for (const part of Object.values(def)) collect(part, patterns, seen)
    // What a lazy schema stands for is made by a function: once, and kept there.
    if (def.type === 'lazy')
      collect(
        orUndefined(() => value._zod.innerType),
        patterns,
        seen,
      )
  } else if (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype) {
    for (const part of Object.values(value)) collect(part, patterns, seen)
  }
}

function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
