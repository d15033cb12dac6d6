/** The filter in the query of a request, and whether the asker may ask for it. Called by the routes that look for jobs. */
import { filterOfQuery, type JobFilter, jobFilterSchema, ProblemError } from '@millrace/contracts'
import type { SearchQuery } from '@millrace/queue'
import type { ApiContext } from '../http/api-deps.ts'
import { principalOf } from '../http/router.ts'

/** How its conditions are written in a query. */
export const filterQuery = {
  ...jobFilterSchema.shape,
  status: jobFilterSchema.shape.status.meta({
    description: 'With one of these statuses. Commas may stand between them, or the parameter is repeated.',
  }),
  metadata: jobFilterSchema.shape.metadata.meta({
    description: 'With these labels, each the same to the letter: `metadata[order]=42`.',
    param: { style: 'deepObject', explode: true },
  }),
}

/** What the schema of the query is to check. */
export function searchQueryOf(c: ApiContext): Record<string, unknown> {
  const start = c.req.url.indexOf('?')
  return filterOfQuery(new URLSearchParams(start < 0 ? '' : c.req.url.slice(start)))
}

/** Whose jobs are looked for, and in which models. Throws ProblemError `model_not_allowed`. */
export function askerOf(c: ApiContext, { model }: JobFilter): Pick<SearchQuery, 'tenant' | 'models'> {
  const { tenant, models } = principalOf(c)
  if (models && model !== undefined && !models.names.has(model)) throw new ProblemError('model_not_allowed')
  return { tenant, models: models?.names }
}
