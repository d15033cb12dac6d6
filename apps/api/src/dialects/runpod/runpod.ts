/** RunPod's API of serverless endpoints, for its clients of npm and PyPI: an endpoint is a model. A row of the table of dialects. */
import type { Dialect } from '../dialect.ts'
import { runpodJobRoutes } from './job-routes.ts'
import { runpodQueueRoutes } from './queue-routes.ts'
import { runpodStreamRoutes } from './stream-routes.ts'

export const runpod: Dialect = {
  name: 'runpod',
  title: 'RunPod',
  prefixes: ['/runpod'],
  clients: [
    { client: 'npm runpod-sdk', change: "runpodSdk(key, { baseUrl: '{base}/runpod/v2' })" },
    { client: 'pip runpod', change: 'RUNPOD_ENDPOINT_BASE_URL={base}/runpod/v2' },
  ],
  refusal: ({ title, detail, code, errors, request_id }) => ({
    body: { error: `${title}. ${detail}`, code, ...(errors && { errors }), request_id },
  }),
  routes(router, deps) {
    runpodJobRoutes(router, deps)
    runpodStreamRoutes(router, deps)
    runpodQueueRoutes(router, deps)
  },
}
