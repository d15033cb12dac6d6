/** Turns what zod finds wrong with a request into faults with JSON pointers, which stay short. Called by the routes. */
import { type Fault, LIMITS, pointerTo, ProblemError } from '@millrace/contracts'
import type { z } from 'zod'

/** Checks a value. Throws ProblemError `invalid_request` with at most 20 faults. */
export function parseRequest<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalidRequest(parsed.error)
}

/** The refusal for a ZodError. */
export function invalidRequest(error: z.ZodError): ProblemError {
  const faults = error.issues.flatMap(toFaults)
  return new ProblemError('invalid_request', {
    errors: faults.slice(0, LIMITS.faultsShown),
    errorsTotal: faults.length > LIMITS.faultsShown ? faults.length : undefined,
  })
}

/** What zod found, as faults. */
export function toFaults(issue: z.core.$ZodIssue): Fault[] {
  const path = issue.path.reduce<string>((pointer, key) => pointerTo(pointer, String(key).slice(0, 100)), '')
  // Zod's own message would list every unknown key.
  if (issue.code === 'unrecognized_keys') {
    const message = 'is not a known field'
    return issue.keys.map((key) => ({ path: pointerTo(path, key.slice(0, 100)), code: issue.code, message }))
  }
  return [{ path, code: issue.code, message: issue.message.slice(0, 200) }]
}
