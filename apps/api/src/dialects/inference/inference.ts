/** The two routes of an inference service, `/infer` and `/predict`, below an address for each model. A row of the table of dialects. */
import { PROBLEMS } from '@millrace/contracts'
import type { Dialect } from '../dialect.ts'
import { inferRoutes } from './infer-routes.ts'

export const inference: Dialect = {
  name: 'inference',
  title: 'InferenceService',
  prefixes: ['/inference'],
  clients: [{ client: 'any HTTP client', change: 'http://127.0.0.1:5000 → {base}/inference/MODEL' }],
  refusal: ({ code, detail, errors }) => ({
    body: { error: `${PROBLEMS[code].title}. ${detail}`, ...(errors && { errors }) },
    // A body that is no JSON, and one that does not say so, are the same mistake there.
    ...(['malformed_json', 'unsupported_media_type', 'invalid_utf8'].includes(code) && { status: 400 }),
  }),
  routes(router, deps) {
    inferRoutes(router, deps)
  },
}
