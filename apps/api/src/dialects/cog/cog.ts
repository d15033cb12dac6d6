/** The HTTP server of Cog, for each model below `/cog/{model}`. A row of the table of dialects. */
import { toCogRefusal } from '@millrace/dialects'
import type { Dialect } from '../dialect.ts'
import { cogPredictionRoutes } from './prediction-routes.ts'
import { cogServiceRoutes } from './service-routes.ts'

export const cog: Dialect = {
  name: 'cog',
  title: 'Cog',
  prefixes: ['/cog'],
  clients: [
    { client: 'any HTTP client of a Cog container', change: '{base}/cog/MODEL in the place of http://HOST:5000' },
  ],
  refusal: toCogRefusal,
  routes(router, deps) {
    cogPredictionRoutes(router, deps)
    cogServiceRoutes(router, deps)
  },
}
