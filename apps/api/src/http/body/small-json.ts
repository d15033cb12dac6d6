/** The small JSON bodies of settings: read whole, with a bound. Called by the routes of settings. */
import type { z } from 'zod'
import type { ApiContext } from '../api-deps.ts'
import { readBody } from './read-body.ts'
import { readJson } from './read-json.ts'

const MOST_BYTES = 16 * 1024

/** The body that such a route takes, for `request`. */
export const smallBody = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } })

/** Throws ProblemError `body_too_large`, or those of readJson. */
export const smallJsonOf = async (c: ApiContext): Promise<unknown> =>
  readJson(await readBody(c.req.raw, MOST_BYTES)).value

/** The same for a body that need not be sent: `{}` when there is none. */
export async function smallJsonOrNothing(c: ApiContext, mostBytes = MOST_BYTES): Promise<unknown> {
  const bytes = await readBody(c.req.raw, mostBytes)
  return bytes.length === 0 ? {} : readJson(bytes).value
}
