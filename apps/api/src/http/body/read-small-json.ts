/** A JSON body of a few hundred bytes, or none at all. Called by routes whose body says how, and need not be sent. */
import type { ApiContext } from '../api-deps.ts'
import { readBody } from './read-body.ts'
import { readJson } from './read-json.ts'

const BODY_BYTES = 16 * 1024

/** `{}` when there is no body. */
export async function readSmallJson(c: ApiContext): Promise<unknown> {
  const bytes = await readBody(c.req.raw, BODY_BYTES)
  return bytes.length === 0 ? {} : readJson(bytes).value
}
