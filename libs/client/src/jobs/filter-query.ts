/** The conditions of a filter as parameters of a query. Called by the calls that look for jobs. */
import type { JobConditions } from '../call-options.ts'

export function filterQuery({ status, metadata = {}, ...rest }: JobConditions): Record<string, string | undefined> {
  const labels = Object.entries(metadata).map(([key, value]) => [`metadata[${key}]`, value])
  return { ...rest, status: status?.toString(), ...(Object.fromEntries(labels) as Record<string, string>) }
}
