/** DEEPaaS V2, as `deepaas-run --base-path /deepaas` serves it, for every model. A row of the table of dialects. */
import { type Problem, PROBLEMS } from '@millrace/contracts'
import type { Dialect } from '../dialect.ts'
import { modelRoutes } from './model-routes.ts'
import { predictRoute } from './predict-route.ts'
import { trainRoutes } from './train-routes.ts'

export const deepaas: Dialect = {
  name: 'deepaas',
  title: 'DEEPaaS V2',
  prefixes: ['/deepaas'],
  clients: [
    { client: 'any HTTP client', change: 'http://127.0.0.1:5000/v2 → {base}/deepaas/v2' },
    { client: 'deepaas-run --base-path', change: '{base}/deepaas' },
  ],
  refusal,
  routes(router, deps) {
    modelRoutes(router, deps)
    predictRoute(router, deps)
    trainRoutes(router, deps)
  },
}

/** What that server knows is told in its words, all else with the reason behind them. */
function refusal({ status, code, detail }: Problem) {
  if (code === 'malformed_json' || code === 'invalid_utf8')
    return { status: 400, body: { json: ['Invalid JSON body.'] } }
  // A training that was taken away was never there, as in the memory of that server.
  if (status === 410) return { status: 404, body: '404: Not Found', headers: TEXT }
  return { body: `${status}: ${WORDS[status] ?? `${PROBLEMS[code].title}. ${detail}`}`, headers: TEXT }
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8' }

const WORDS: Record<number, string> = { 404: 'Not Found', 405: 'Method Not Allowed', 413: 'Request Entity Too Large' }
