/** What the body of a request of Cog's asks for, in our words. Called by the routes of Cog's dialect. */
import { type JobKind, ProblemError } from '@millrace/contracts'
import type { DialectJob } from '../intake.ts'

export interface CogRequest {
  id: string | undefined
  input: Record<string, unknown>
  fields: Extract<DialectJob, { input: unknown }>['fields']
}

/** `context`, `created_at` and `output_file_prefix` are left unread, and so is what Cog does not know. Throws ProblemError. */
export function readCogRequest(body: Record<string, unknown>, kind: JobKind): CogRequest {
  const { id, input } = body
  if (id !== undefined && id !== null && typeof id !== 'string') throw fault('/id', 'expected a string')
  const given = input ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) throw fault('/input', 'expected an object')
  return { id: id ?? undefined, input: given as Record<string, unknown>, fields: { kind } }
}

const fault = (path: string, message: string): ProblemError =>
  new ProblemError('invalid_request', { errors: [{ path, code: 'type', message }] })
