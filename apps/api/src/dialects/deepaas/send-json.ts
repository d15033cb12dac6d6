/** Answers with JSON as aiohttp does, which names the charset. Called by the routes of DEEPaaS. */
import type { ApiContext } from '../../http/api-deps.ts'
import { sendJson as send } from '../../http/middleware/standard-headers.ts'

export const sendJson = (
  c: ApiContext,
  value: unknown,
  status: 200 | 202 = 200,
  headers: Record<string, string> = {},
) => send(c, JSON.stringify(value), status, { 'content-type': 'application/json; charset=utf-8', ...headers })
