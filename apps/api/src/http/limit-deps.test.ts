/** No route waits for a Redis that does not answer. */
import { newJobId, newUploadId } from '@millrace/queue'
import { expect, onTestFinished, test } from 'vitest'
import { createFixture } from '../app.fixture.ts'

interface Operation {
  parameters?: { name: string; in: string; required?: boolean }[]
}
interface ApiDocument {
  paths: Record<string, Record<string, Operation>>
}

/** What stands for `{id}`, by how the path begins. */
const IDS: [start: string, id: string][] = [
  ['/v1/jobs/', newJobId('ocr')],
  ['/v1/files/', newUploadId('default')],
  ['/v1/webhook-endpoints/', `whe_${'a'.repeat(26)}`],
  ['/v1/webhook-deliveries/', `whd_${'a'.repeat(34)}`],
  ['/v1/job-actions/', `act_${'a'.repeat(26)}`],
  ['/v1/batches/', `batch_${'a'.repeat(26)}`],
  ['/v1/cancellations/', `can_${'a'.repeat(26)}`],
  ['/v1/models/{model}/moves/', `mov_${'a'.repeat(26)}`],
  ['/v1/workers/', 'w_1'],
  ['/v1/keys/', 'a'.repeat(16)],
  ['/v1/tenants/', 'acme'],
  ['/v1/erasures/', `era_${'a'.repeat(26)}`],
]

/** A body that leads as far as Redis. */
const BODIES: Record<string, unknown> = {
  'post /v1/files': { name: 'a.bin', size: 3, sha256: 'a'.repeat(64) },
  'post /v1/webhook-endpoints': { url: 'https://example.com/hook' },
  'patch /v1/webhook-endpoints/{id}': { description: 'new' },
  'post /v1/webhook-endpoints/{id}/redeliver-failed': { since: new Date(0).toISOString() },
  'post /v1/cancellations': { model: 'ocr' },
  'post /v1/job-actions': { filter: { model: 'ocr' }, action: 'cancel', dry_run: true },
  'post /v1/batches': { model: 'ocr', jobs: [{ input: {} }] },
  'post /v1/jobs/{id}/retry': {},
  'post /v1/models/{model}/pause': {},
  'post /v1/models/{model}/resume': {},
  'post /v1/models/{model}/promote': { version: '1' },
  'post /v1/models/{model}/rollback': {},
  'put /v1/models/{model}/traffic': { versions: { '1': 100 } },
  'post /v1/models/{model}/move': { from: { version: '1' }, to: '2' },
  'post /v1/keys': { name: 'a', scopes: ['client'] },
  'post /v1/keys/{id}/rotate': {},
  'patch /v1/tenants/{id}': { weight: 2 },
  'post /v1/session': { key: 'a' },
}

/** These say how the process is, or what the API is like; or they ask for no key where there is none. */
const WITHOUT_REDIS = [
  ...['/livez', '/metrics', '/openapi.json', '/docs', '/docs/{asset}', '/problems/{code}'],
  '/dialects',
  '/v1/session',
]

/** A port or a function that is asked and never answers. */
const silent = (): never =>
  new Proxy(() => undefined, {
    get: (_, name) => (name === 'then' ? undefined : () => new Promise(() => undefined)),
    apply: () => new Promise(() => undefined),
  }) as never

const pathOf = (path: string): string => {
  const id = IDS.find(([start]) => path.startsWith(start))?.[1] ?? ''
  return path.replace('{id}', id).replace('{model}', 'ocr').replace('{asset}', 'start.js').replace('{code}', 'internal')
}

test('every route that needs Redis answers 503 in time when Redis is silent', async () => {
  const webhooks = { settings: silent(), deliveries: silent() }
  const operators = {
    workers: silent(),
    cancellations: silent(),
    relocations: silent(),
    steering: silent(),
    jobActions: silent(),
    batches: silent(),
  }
  const told = {
    tenants: silent(),
    audit: silent(),
    usage: silent(),
    erasures: silent(),
    minutes: silent(),
    queues: silent(),
    scaling: silent(),
  }
  const stores = { jobs: silent(), models: silent(), files: silent(), keys: silent(), ...told }
  const redis = { ...stores, ...operators, ready: silent(), fileSecret: silent() }
  const api = await createFixture({ ...redis, webhooks })
  onTestFinished(() => api.close())
  const { paths } = (await (await api.app.request('/openapi.json')).json()) as ApiDocument
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method, path]),
  )
  expect(operations.length).toBeGreaterThan(25)
  const answers = operations.map(async ([method = '', path = '']) => {
    const name = `${method} ${path}`
    const body = ['get', 'delete'].includes(method) ? undefined : JSON.stringify(BODIES[name] ?? { input: {} })
    const headers = { 'content-type': 'application/json' }
    const { status } = await api.app.request(pathOf(path), { method: method.toUpperCase(), body, headers })
    return [name, status]
  })
  const expected = operations.map(([method, path = '']) => [
    `${method} ${path}`,
    WITHOUT_REDIS.includes(path) ? (path === '/v1/session' ? 204 : 200) : 503,
  ])
  expect(await Promise.all(answers)).toEqual(expected)
}, 15_000)
