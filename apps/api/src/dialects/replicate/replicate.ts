/** Replicate's HTTP API, for its clients of npm and PyPI. A row of the table of dialects. */
import type { Dialect } from '../dialect.ts'
import { accountRoutes } from './account-routes.ts'
import { fileRoutes } from './file-routes.ts'
import { modelRoutes } from './model-routes.ts'
import { predictionRoutes } from './prediction-routes.ts'
import { refusedRoutes } from './refused-routes.ts'
import { streamRoutes } from './stream-routes.ts'

export const replicate: Dialect = {
  name: 'replicate',
  title: 'Replicate',
  prefixes: ['/replicate'],
  clients: [
    { client: 'npm replicate', change: "new Replicate({ auth: key, baseUrl: '{base}/replicate/v1' })" },
    { client: 'pip replicate 1.x', change: 'REPLICATE_BASE_URL={base}/replicate' },
    { client: 'pip replicate 2.x', change: 'REPLICATE_BASE_URL={base}/replicate/v1' },
  ],
  refusal({ status: own, title, detail, code, errors, request_id }) {
    const status = code === 'version_not_available' ? 422 : own
    return {
      status,
      body: { title, detail, status, type: `/problems/${code}`, code, ...(errors && { errors }), request_id },
    }
  },
  // One client adds the version to the address that it is given, another does not.
  canonical: (path) => path.replace(/^\/replicate\/(?:v1\/)*/, '/replicate/v1/'),
  routes(router, deps) {
    for (const add of [predictionRoutes, streamRoutes, modelRoutes, fileRoutes, accountRoutes]) add(router, deps)
    refusedRoutes(router)
  },
}
