/** What a script may answer, as schemas. Redis knows integers, texts, nil and lists; here they get their names and types back. */
import { z } from 'zod'

/** 1 or 0. */
export const truth = z.union([z.literal(0), z.literal(1)]).transform((reply) => reply === 1)

/** A number that came as text, so that no digit of it was lost. */
export const numeric = z
  .string()
  .regex(/^-?\d+$/)
  .transform(Number)

/** A hash, as HGETALL answers it in a script: names and values in turn. */
export const hash = z.array(z.string()).transform((flat) => {
  const named: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) named[flat[i] as string] = flat[i + 1] as string
  return named
})

type Shape = Record<string, z.ZodType>
type Named<S extends Shape> = { [N in keyof S]: z.infer<S[N]> }

/** A list of values that each have a name here, in that order. */
export function tuple<const S extends Shape>(shape: S): z.ZodType<Named<S>> {
  const names = Object.keys(shape)
  return z
    .array(z.unknown())
    .max(names.length)
    .transform((list) => Object.fromEntries(names.map((name, i) => [name, list[i]])))
    .pipe(z.object(shape)) as unknown as z.ZodType<Named<S>>
}

type Outcomes<S extends Record<string, Shape>> = {
  [O in keyof S]: { [N in 'outcome' | keyof S[O]]: N extends keyof S[O] ? z.infer<S[O][N]> : O }
}[keyof S]

/** A list that begins with the name of its outcome, and goes on with the values that belong to it. */
export function outcomes<const S extends Record<string, Shape>>(shapes: S): z.ZodType<Outcomes<S>> {
  const named = Object.entries(shapes).map(([outcome, shape]) => z.object({ outcome: z.literal(outcome), ...shape }))
  return z
    .array(z.unknown())
    .transform(([outcome, ...values]) => {
      const names = Object.keys(shapes[String(outcome)] ?? {})
      return { ...Object.fromEntries(names.map((name, i) => [name, values[i]])), outcome }
    })
    .pipe(z.discriminatedUnion('outcome', named as [(typeof named)[0]])) as unknown as z.ZodType<Outcomes<S>>
}
