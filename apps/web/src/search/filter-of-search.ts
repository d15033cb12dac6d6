/** What the API is asked for a search: its filter, and that as parameters of an address. Called by the screens of jobs and failures. */
import type { JobFilter } from '@millrace/contracts'
import { readTime } from './read-time.ts'
import { type Condition, type SearchTerm, STATUSES } from './search-term.ts'

const TIMES = {
  since: 'created_after',
  until: 'created_before',
  'ended-since': 'ended_after',
  'ended-until': 'ended_before',
} as const satisfies Partial<Record<Condition, keyof JobFilter>>

/** `nowMs`: by the clock of the server, for times that say how long ago. */
export function filterOfSearch(terms: readonly SearchTerm[], nowMs: number): JobFilter {
  const filter: Record<string, unknown> = {}
  const labels: [string, string][] = []
  const statuses = new Set<string>()
  for (const term of terms) {
    if (term.is === 'label') labels.push([term.key, term.value])
    else if (term.is === 'condition') {
      const { name, value } = term
      if (name === 'status') for (const one of value.split(',')) statuses.add(one)
      else if (name in TIMES) filter[TIMES[name as keyof typeof TIMES]] = timeText(value, nowMs)
      else filter[name === 'code' ? 'error_code' : name] = value
    }
  }
  if (statuses.size > 0) filter.status = STATUSES.filter((one) => statuses.has(one))
  if (labels.length > 0) filter.metadata = Object.fromEntries(labels)
  return filter as JobFilter
}

function timeText(value: string, nowMs: number): string | undefined {
  const ms = readTime(value, nowMs)
  return ms === undefined ? undefined : new Date(ms).toISOString()
}

/** As the query of `GET /v1/jobs` takes it. */
export function queryOfFilter({ metadata, ...filter }: JobFilter): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value))
  for (const [key, value] of Object.entries(metadata ?? {})) query.set(`metadata[${key}]`, value)
  return query
}
