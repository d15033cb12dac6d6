/** What a script may answer, as schemas. Redis knows integers, texts, nil and lists; here they get their names and types back. */
import { z } from 'zod'

/** 1 or 0. */
export const truth = z.union([z.literal(0), z.literal(1)]).transform((reply) => reply === 1)

/** A number that came as text, so that no digit of it was lost. */
export const numeric = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number)

/** A hash, as HGETALL answers it in a script: names and values in turn. Records come so, so it is read in one go. */
export const hash = z.unknown().transform((flat, context) => {
  const named: Record<string, string> = {}
  const list = Array.isArray(flat) ? (flat as unknown[]) : [flat]
  for (let i = 0; i < list.length; i += 2) {
    const [name, value] = [list[i], list[i + 1]]
    if (typeof name === 'string' && typeof value === 'string') named[name] = value
    else context.issues.push({ code: 'custom', message: 'no names and values in turn', input: flat })
  }
  return named
})

type Shape = Record<string, z.ZodType>
type Named<S extends Shape> = { [N in keyof S]: z.infer<S[N]> }

/** A list of values that each have a name here, in that order. */
export const tuple = <const S extends Shape>(shape: S): z.ZodType<Named<S>> => {
  const names = Object.entries(shape)
  return z.unknown().transform((reply, context) => named(names, reply, 0, context)) as unknown as z.ZodType<Named<S>>
}

type Outcomes<S extends Record<string, Shape>> = {
  [O in keyof S]: { [N in 'outcome' | keyof S[O]]: N extends keyof S[O] ? z.infer<S[O][N]> : O }
}[keyof S]

/** A list that begins with the name of its outcome, and goes on with the values that belong to it. */
export const outcomes = <const S extends Record<string, Shape>>(shapes: S): z.ZodType<Outcomes<S>> => {
  const known = new Map(Object.entries(shapes).map(([outcome, shape]) => [outcome, Object.entries(shape)]))
  return z.unknown().transform((reply, context) => {
    const outcome = Array.isArray(reply) ? String(reply[0]) : ''
    const names = known.get(outcome)
    if (names) return { outcome, ...named(names, reply, 1, context) }
    context.issues.push({ code: 'custom', message: 'no outcome that is declared', input: reply })
    return z.NEVER
  }) as unknown as z.ZodType<Outcomes<S>>
}

/** What stands in a list from a place on, by name. */
function named(names: [string, z.ZodType][], reply: unknown, from: number, context: Context): Record<string, unknown> {
  const list = Array.isArray(reply) ? (reply as unknown[]) : []
  const values: Record<string, unknown> = {}
  for (const [i, [name, schema]] of names.entries()) {
    const { success, data, error } = schema.safeParse(list[from + i])
    if (success) values[name] = data
    else for (const issue of error.issues) context.issues.push(inside(name, issue))
  }
  if (list.length > from + names.length || !Array.isArray(reply)) {
    context.issues.push({ code: 'custom', message: 'no list of the values that are declared', input: reply })
  }
  return values
}

type Context = Pick<z.core.ParsePayload, 'issues'>

const inside = (name: string, { path, message }: z.core.$ZodIssue) => {
  const where: PropertyKey[] = [name, ...path]
  return { code: 'custom', path: where, message, input: undefined } as const
}
