/** What a request to fal asks for: the model in its path, and what its headers say. Called by the routes of fal. */
import { modelNameSchema } from '@millrace/contracts'
import type { ApiContext } from '../../http/api-deps.ts'
import type { DialectDeps } from '../dialect.ts'
import type { DialectJob } from '../intake.ts'

/** The words that stand behind `owner/app` and are no part of the name. */
const VERBS = new Set(['stream'])

/** `owner/app/more` is the model `app-more` where there is one, and else `app`. Any owner will do. */
export async function falJob(
  c: ApiContext,
  { cache }: DialectDeps,
  input: Record<string, unknown>,
): Promise<DialectJob> {
  const [, , , , app = '', ...rest] = c.req.path.split('/').map(decodeURIComponent)
  const whole = [app, ...rest.filter((word) => !VERBS.has(word))].join('-')
  const isKnown = whole !== app && modelNameSchema.safeParse(whole).success && (await cache.get(whole)) !== undefined
  const hook = c.req.query('fal_webhook')
  const timeout = Number(c.req.header('x-fal-request-timeout'))
  return {
    model: isKnown ? whole : app,
    input,
    webhookFormat: 'fal',
    fields: {
      ...(c.req.header('x-fal-queue-priority') === 'low' && { priority: 'low' }),
      // The time until it has begun, as there.
      ...(timeout > 0 && Number.isFinite(timeout) && { expires_in: Math.min(timeout, MOST_SECONDS) }),
      ...(hook !== undefined && { webhook: hook }),
    },
  }
}

const MOST_SECONDS = 30 * 86_400
