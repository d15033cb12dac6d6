/**
 * Checks the query and the coding of a request against what its route declares: what nobody here would read is refused, not
 * ignored. Called by the router, before the handler.
 */
import { type Fault, LIMITS, pointerTo, ProblemError } from '@millrace/contracts'
import { z } from 'zod'
import type { ApiContext } from './api-deps.ts'

/** What a route reads of a query. */
export interface KnownQuery {
  names: ReadonlySet<string>
  /** May be given more than once. */
  lists: ReadonlySet<string>
  /** Are given as `name[key]`, once for each key. */
  keyed: ReadonlySet<string>
}

/** What the schema of a query says of it. */
export function knownQuery(shape: Readonly<Record<string, z.ZodType>> = {}): KnownQuery {
  const are = (Kind: typeof z.ZodArray | typeof z.ZodRecord) =>
    Object.entries(shape).flatMap(([name, schema]) => (withinOptional(schema) instanceof Kind ? [name] : []))
  const keyed = new Set(are(z.ZodRecord))
  return {
    names: new Set(Object.keys(shape).filter((name) => !keyed.has(name))),
    lists: new Set(are(z.ZodArray)),
    keyed,
  }
}

const withinOptional = (schema: z.ZodType): unknown => (schema instanceof z.ZodOptional ? schema.unwrap() : schema)

/** Throws ProblemError `invalid_request` for a parameter of the query that is not known, or given more often than it may be. */
export function checkQuery(c: ApiContext, { names, lists, keyed }: KnownQuery): void {
  const start = c.req.url.indexOf('?')
  if (start < 0) return
  const seen = new Set<string>()
  const faults: Fault[] = []
  for (const name of new URLSearchParams(c.req.url.slice(start)).keys()) {
    const path = pointerTo('', name.slice(0, 100))
    const isKnown = names.has(name) || keyed.has(/^([a-z_]+)\[.*\]$/s.exec(name)?.[1] ?? '')
    if (!isKnown) faults.push({ path, code: 'unrecognized_keys', message: 'is not a known parameter' })
    else if (seen.has(name) && !lists.has(name))
      faults.push({ path, code: 'repeated', message: 'was given more than once' })
    seen.add(name)
  }
  if (faults.length === 0) return
  const errorsTotal = faults.length > LIMITS.faultsShown ? faults.length : undefined
  throw new ProblemError('invalid_request', { errors: faults.slice(0, LIMITS.faultsShown), errorsTotal })
}

/** Throws ProblemError `unsupported_media_type` for a body that is compressed. */
export function checkCoding(c: ApiContext): void {
  const coding = c.req.header('content-encoding')?.trim().toLowerCase()
  if (!coding || coding === 'identity') return
  throw new ProblemError('unsupported_media_type', {
    detail: 'Send the body as it is: no Content-Encoding is read here.',
  })
}
