/** Replicate's HTTP API, for its clients of npm and PyPI. A row of the table of dialects. */
import type { Dialect } from '../dialect.ts'
import { predictionRoutes } from './prediction-routes.ts'

export const replicate: Dialect = {
  name: 'replicate',
  title: 'Replicate',
  prefixes: ['/replicate'],
  clients: [
    { client: 'npm replicate', change: "new Replicate({ auth: key, baseUrl: '{base}/replicate/v1' })" },
    { client: 'pip replicate 1.x', change: 'REPLICATE_BASE_URL={base}/replicate' },
    { client: 'pip replicate 2.x', change: 'REPLICATE_BASE_URL={base}/replicate/v1' },
  ],
  refusal: ({ status, title, detail, code, errors, request_id }) => ({
    body: { title, detail, status, type: `/problems/${code}`, code, ...(errors && { errors }), request_id },
  }),
  routes(router, deps) {
    predictionRoutes(router, deps)
  },
}
