/**
 * The HTTP mode of ai_integration, for every model: a page with a form, and the answer that its clients read. The npm client of DeepAI
 * reads the same answer. A row of the table of dialects.
 */
import { PROBLEMS } from '@millrace/contracts'
import type { Dialect } from '../dialect.ts'
import { formRoutes } from './form-routes.ts'

export const aiIntegration: Dialect = {
  name: 'ai-integration',
  title: 'ai_integration (MODE=http) and DeepAI',
  prefixes: ['/ai_integration', '/deepai'],
  clients: [
    { client: 'any HTTP client, or a browser', change: 'http://127.0.0.1:5000/ → {base}/ai_integration/MODEL' },
    {
      client: 'npm deepai',
      change:
        "deepai.axiosInstance.interceptors.request.use((r) => ({ ...r, url: r.url.replace('https://api.deepai.org', '{base}/deepai') }))",
    },
  ],
  refusal: ({ code, detail, errors }) => {
    const faults = errors?.map(({ path, message }) => `${path} ${message}`) ?? []
    return { body: { err: [`${PROBLEMS[code].title}. ${detail}`, ...faults].join('\n') } }
  },
  routes(router, deps) {
    formRoutes(router, deps)
  },
}
