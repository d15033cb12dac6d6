/**
 * What each route of the API is about, so that the test beside this file knows who must not learn what from it. A route without a row
 * fails that test, and so does a row without a route.
 */
import { MODEL, type Thing } from './start-isolation-world.ts'

export interface Row {
  /**
   * - a thing: the path names one, and another tenant is told that there is none
   * - `tenant`: all that a tenant has of something; another one's answer does not change with it
   * - `model`: something about a model that all tenants share; it tells nothing of what one of them does
   * - `operators`: for the scope admin, or about the service as a whole
   * - `open`: for everybody
   */
  of: readonly Thing[] | 'tenant' | 'model' | 'operators' | 'open'
  /** JSON, or what `fetch` takes. */
  body?: () => unknown
  headers?: Record<string, string>
  query?: string
  /** What another is answered for what is not there. Default 404. */
  absent?: number
  /** States of the thing in which its owner, too, is told that it is not there. */
  gone?: readonly string[]
}

const JOB_GONE = ['purged']
const job = (more: Partial<Row> = {}): Row => ({ of: ['job'], gone: JOB_GONE, ...more })
const upload = (more: Partial<Row> = {}): Row => ({ of: ['upload'], gone: ['deleted'], ...more })
const endpoint = (more: Partial<Row> = {}): Row => ({ of: ['endpoint'], gone: ['deleted'], ...more })
const tenant = (more: Partial<Row> = {}): Row => ({ of: 'tenant', ...more })
const model = (more: Partial<Row> = {}): Row => ({ of: 'model', ...more })
const operators: Row = { of: 'operators' }
const open: Row = { of: 'open' }
const bytes = () => new Blob(['0123456789'])

export const isolationRows: Readonly<Record<string, Row>> = {
  'GET /v1/jobs/{id}': job(),
  'DELETE /v1/jobs/{id}': job({ gone: [] }),
  'GET /v1/jobs/{id}/output': job(),
  'GET /v1/jobs/{id}/events': job(),
  'POST /v1/jobs/{id}/cancel': job(),
  'POST /v1/jobs/{id}/retry': job(),
  'GET /v1/jobs': tenant(),
  'GET /v1/jobs/counts': tenant(),
  'GET /v1/failures': tenant(),
  'POST /v1/models/{model}/jobs': tenant({ body: () => ({ input: { text: 'a' } }), query: '?dry_run=true' }),
  'POST /v1/cancellations': tenant({ body: () => ({ model: MODEL }) }),
  'GET /v1/cancellations/{id}': { of: ['cancellation'] },

  'POST /v1/job-actions': tenant({ body: () => ({ action: 'cancel', filter: { model: MODEL }, dry_run: true }) }),
  'GET /v1/job-actions': tenant(),
  'GET /v1/job-actions/{id}': { of: ['job action'] },
  'POST /v1/job-actions/{id}/cancel': { of: ['job action'] },

  'POST /v1/batches': tenant({ body: () => ({ model: MODEL, jobs: [{ input: { text: 'a' } }] }) }),
  'GET /v1/batches': tenant(),
  'GET /v1/batches/{id}': { of: ['batch'] },
  'POST /v1/batches/{id}/cancel': { of: ['batch'] },
  'POST /v1/batches/{id}/retry': { of: ['batch'] },

  'GET /v1/files/{id}': { of: ['upload', 'file of a job'], gone: ['deleted', 'announced', 'purged'] },
  'DELETE /v1/files/{id}': upload(),
  'GET /v1/files/{id}/content': { of: ['upload', 'file of a job'], gone: ['deleted', 'announced', 'purged'] },
  'PUT /v1/files/{id}/content': upload({ body: bytes }),
  'POST /v1/files/{id}/complete': upload(),
  'POST /v1/files': tenant({ body: () => ({ name: 'a.txt', size: 3, sha256: '0'.repeat(64) }) }),

  'GET /v1/webhook-endpoints': tenant(),
  'POST /v1/webhook-endpoints': tenant({ body: () => ({ url: 'https://example.com/' }) }),
  'GET /v1/webhook-endpoints/{id}': endpoint(),
  'PATCH /v1/webhook-endpoints/{id}': endpoint({ body: () => ({ description: 'changed' }) }),
  'DELETE /v1/webhook-endpoints/{id}': endpoint({ gone: [], absent: 204 }),
  'POST /v1/webhook-endpoints/{id}/enable': endpoint(),
  'POST /v1/webhook-endpoints/{id}/disable': endpoint(),
  'POST /v1/webhook-endpoints/{id}/rotate-secret': endpoint(),
  'POST /v1/webhook-endpoints/{id}/redeliver-failed': endpoint({ body: () => ({ since: '2020-01-01T00:00:00Z' }) }),
  'POST /v1/webhook-endpoints/{id}/test': endpoint(),
  'GET /v1/webhook-secret': tenant(),
  'POST /v1/webhook-secret/rotate': tenant(),
  'GET /v1/webhook-deliveries': tenant(),
  'GET /v1/webhook-deliveries/{id}': { of: ['delivery'] },
  'GET /v1/webhook-deliveries/{id}/body': { of: ['delivery'] },
  'POST /v1/webhook-deliveries/{id}/redeliver': { of: ['delivery'] },

  'GET /v1/models': model(),
  'GET /v1/models/{model}': model(),
  'GET /v1/models/{model}/openapi.json': model(),
  'GET /v1/models/{model}/versions': model(),
  'GET /v1/models/{model}/scale': operators,
  'GET /v1/models/{model}/stats': operators,
  'GET /v1/queues': tenant(),

  'GET /v1/tenant': tenant(),
  'GET /v1/usage': tenant(),

  'POST /v1/models/{model}/pause': operators,
  'POST /v1/models/{model}/resume': operators,
  'POST /v1/models/{model}/promote': operators,
  'POST /v1/models/{model}/rollback': operators,
  'PUT /v1/models/{model}/traffic': operators,
  'POST /v1/models/{model}/move': operators,
  'GET /v1/models/{model}/moves/{id}': operators,
  'GET /v1/workers': operators,
  'GET /v1/workers/{id}': operators,
  'POST /v1/workers/{id}/drain': operators,
  'POST /v1/workers/{id}/resume': operators,
  'POST /v1/keys': operators,
  'GET /v1/keys': operators,
  'GET /v1/keys/{id}': operators,
  'DELETE /v1/keys/{id}': operators,
  'POST /v1/keys/{id}/rotate': operators,
  'GET /v1/tenants': operators,
  'GET /v1/tenants/{id}': operators,
  'PATCH /v1/tenants/{id}': operators,
  'GET /v1/audit': operators,
  'POST /v1/erasures': operators,
  'GET /v1/erasures/{id}': operators,
  'DELETE /v1/tenants/{id}': operators,
  'GET /metrics': operators,

  'POST /v1/session': open,
  'DELETE /v1/session': open,
  'GET /dialects': open,
  'GET /livez': open,
  'GET /readyz': open,
  'GET /problems/{code}': open,
  'GET /openapi.json': open,
  'GET /docs': open,
  'GET /docs/{asset}': open,
}
