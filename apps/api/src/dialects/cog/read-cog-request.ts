/** What the body of a request of Cog's asks for, in our words. Called by the routes of Cog's dialect. */
import { FINAL_WEBHOOK_EVENTS, type JobKind, ProblemError, type WebhookEvent } from '@millrace/contracts'
import type { DialectJob } from '../intake.ts'

export interface CogRequest {
  id: string | undefined
  input: Record<string, unknown>
  fields: NonNullable<Extract<DialectJob, { input: unknown }>['fields']>
}

/** `context`, `created_at` and `output_file_prefix` are left unread, and so is what Cog does not know. Throws ProblemError. */
export function readCogRequest(body: Record<string, unknown>, kind: JobKind): CogRequest {
  const { id, input } = body
  if (id !== undefined && id !== null && typeof id !== 'string') throw fault('/id', 'expected a string')
  const given = input ?? {}
  if (typeof given !== 'object' || Array.isArray(given)) throw fault('/input', 'expected an object')
  return { id: id ?? undefined, input: given as Record<string, unknown>, fields: { kind, ...webhookOf(body) } }
}

/** What Cog calls them. `logs`: lines that are printed, and progress, which is one there. */
const EVENTS: Record<string, readonly WebhookEvent[]> = {
  start: ['job.started'],
  output: ['job.output'],
  logs: ['job.progress'],
  completed: FINAL_WEBHOOK_EVENTS,
}

function webhookOf({ webhook, webhook_events_filter: filter }: Record<string, unknown>): Partial<CogRequest['fields']> {
  if (webhook === undefined || webhook === null) return {}
  if (typeof webhook !== 'string') throw fault('/webhook', 'expected an address')
  const names: unknown = filter ?? Object.keys(EVENTS)
  const isKnown = (name: unknown): name is string => typeof name === 'string' && Object.hasOwn(EVENTS, name)
  if (!Array.isArray(names) || !names.every(isKnown)) {
    throw fault('/webhook_events_filter', `expected some of ${Object.keys(EVENTS).join(', ')}`)
  }
  const webhook_events = [...new Set(names.flatMap((name) => EVENTS[name] ?? []))]
  return webhook_events.length === 0 ? {} : { webhook, webhook_events }
}

const fault = (path: string, message: string): ProblemError =>
  new ProblemError('invalid_request', { errors: [{ path, code: 'type', message }] })
