/** fal's three hosts below `/fal`: run, queue and rest, for its clients of npm and PyPI. A row of the table of dialects. */
import { type Problem, PROBLEMS } from '@millrace/contracts'
import type { Dialect } from '../dialect.ts'
import { cdnRoutes } from './cdn-routes.ts'
import { proxyRoutes } from './proxy-routes.ts'
import { queueRoutes } from './queue-routes.ts'
import { runRoutes } from './run-routes.ts'
import { storageRoutes } from './storage-routes.ts'
import { webhookKeyRoutes } from './webhook-key-routes.ts'

const MIDDLEWARE =
  "fal.config({ credentials: key, requestMiddleware: async (r) => ({ ...r, url: r.url.replace(/^https:\\/\\/(queue\\.)?(fal\\.run|rest\\.fal\\.ai)/, (_, q, h) => '{base}/fal/' + (q ? 'queue' : h === 'fal.run' ? 'run' : 'rest')) }) })"

export const fal: Dialect = {
  name: 'fal',
  title: 'fal',
  prefixes: ['/fal'],
  clients: [
    { client: 'npm @fal-ai/client', change: MIDDLEWARE },
    {
      client: 'npm @fal-ai/client, by proxy',
      change: "fal.config({ credentials: key, proxyUrl: { url: '{base}/fal/proxy', when: 'always' } })",
    },
    {
      client: 'pip fal-client',
      change:
        'FAL_RUN_HOST=HOST/fal/run FAL_QUEUE_RUN_HOST=HOST/fal/queue (HOST without https://, which it puts before it)',
    },
    {
      client: 'pip fal-client, uploads',
      change: "fal_client.client.REST_URL, fal_client.client.CDN_URL = '{base}/fal/rest', '{base}/fal/cdn'",
    },
  ],
  refusal,
  routes(router, deps) {
    for (const add of [queueRoutes, runRoutes, storageRoutes, cdnRoutes, webhookKeyRoutes]) add(router, deps)
    proxyRoutes(router)
  },
}

function refusal({ code, detail, errors }: Problem) {
  if (code === 'job_not_found' || code === 'job_purged') return { status: 404, body: { detail: 'Request not found' } }
  if (code === 'invalid_input' && errors) {
    const told = errors.map(({ path, message, code: type }) => {
      const [, ...keys] = path.split('/').slice(1)
      return { loc: ['body', ...keys], msg: message, type: type === 'required' ? 'missing' : 'value_error' }
    })
    return { status: 422, body: { detail: told } }
  }
  return { body: { detail: `${PROBLEMS[code].title}. ${detail}`, error_type: code } }
}
