/** The part of OpenAI's API that is about models, files, batches and jobs of models with a task. A row of the table of dialects. */
import { openaiRefusal } from '@millrace/dialects'
import type { Dialect } from '../dialect.ts'
import { batchRoutes } from './batch-routes.ts'
import { fileRoutes } from './file-routes.ts'
import { modelRoutes } from './model-routes.ts'
import { taskRoutes } from './task-routes.ts'

export const openai: Dialect = {
  name: 'openai',
  title: 'OpenAI',
  prefixes: ['/openai'],
  clients: [
    { client: 'npm openai', change: "new OpenAI({ apiKey: key, baseURL: '{base}/openai/v1' })" },
    { client: 'pip openai', change: 'OPENAI_BASE_URL={base}/openai/v1' },
  ],
  refusal: openaiRefusal,
  routes(router, deps) {
    for (const add of [modelRoutes, fileRoutes, batchRoutes, taskRoutes]) add(router, deps)
  },
}
