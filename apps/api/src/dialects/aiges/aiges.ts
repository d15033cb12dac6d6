/** The HTTP protocol of a host of AIGES wrappers, below an address for each model. A row of the table of dialects. */
import { type ProblemCode, PROBLEMS } from '@millrace/contracts'
import { AIGES, aigesError } from '@millrace/dialects'
import type { Dialect } from '../dialect.ts'
import { callRoutes } from './call-routes.ts'

export const aiges: Dialect = {
  name: 'aiges',
  title: 'AIGES',
  prefixes: ['/aiges'],
  clients: [{ client: 'any HTTP client', change: 'http://127.0.0.1:1888 → {base}/aiges/MODEL' }],
  refusal: ({ code, status, detail, errors }) => {
    const faults = errors?.map(({ path, message }) => `${path} ${message}`) ?? []
    const told = codeOf(code, status)
    return {
      // All that goes wrong there is a 500, also what the client got wrong.
      status: told === AIGES.malformed ? 500 : status,
      body: aigesError(told, [`${PROBLEMS[code].title}. ${detail}`, ...faults].join('; ')),
    }
  },
  routes(router, deps) {
    callRoutes(router, deps)
  },
}

function codeOf(code: ProblemCode, status: number): number {
  if (code === 'malformed_json' || code === 'invalid_utf8') return AIGES.malformed
  if (code === 'invalid_input') return AIGES.value
  return status === 429 || status === 503 ? AIGES.full : AIGES.call
}
