/** What the API measures. Labels are route patterns, published models and a bounded number of tenants, so clients cannot add any. Made by createApp. */
import type { JobRecord } from '@millrace/contracts'
import { LabelBound, type Metrics } from '@millrace/process'
import { bytesOf, type ModelReader, type ModelState } from '@millrace/queue'

export interface ApiMetrics {
  request(method: string, route: string, status: number, seconds: number): void
  /** `outcome`: created, replayed, or the problem code of the refusal. */
  submit(model: string, outcome: string): void
  /** A job was kept. */
  input(record: Pick<JobRecord, 'model' | 'tenant' | 'input' | 'input_files'>): void
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Adds the API's metrics to a set. The state of models is read from Redis at each scrape. */
export function createApiMetrics(metrics: Metrics, models: Pick<ModelReader, 'list'>): ApiMetrics {
  const labels = ['method', 'route', 'status'] as const
  const requests = metrics.histogram({
    name: 'millrace_http_request_seconds',
    help: 'Requests by route, from the first byte to the answer; long polls included.',
    labels,
  })
  const submits = metrics.counter({
    name: 'millrace_submits_total',
    help: 'Submits by model and outcome: created, replayed, or the code of the refusal.',
    labels: ['model', 'outcome'],
  })
  const inputs = metrics.counter({
    name: 'millrace_input_bytes_total',
    help: 'Bytes of the inputs of accepted jobs, with their files, by model and tenant.',
    labels: ['model', 'tenant'],
  })
  const tenants = new LabelBound()
  addModelGauges(metrics, models)
  return {
    request: (method, route, status, seconds) =>
      requests.observe({ method: METHODS.has(method) ? method : 'other', route, status: String(status) }, seconds),
    submit: (model, outcome) => submits.inc({ model, outcome }),
    input: ({ model, tenant, input: value, input_files: files }) =>
      inputs.inc({ model, tenant: tenants.of(tenant) }, bytesOf({ value, files })),
  }
}

function addModelGauges(metrics: Metrics, models: Pick<ModelReader, 'list'>): void {
  const snapshot = shareSnapshot(models)
  const gauge = (name: string, help: string, valueOf: (state: ModelState) => number) =>
    metrics.gauge({ name, help, labels: ['model'], across: 'max' }, async (self) => {
      const states = await snapshot()
      // If Redis is away or a model is gone, no value is better than an old one.
      self.reset()
      for (const state of states ?? []) self.set({ model: state.manifest.name }, valueOf(state))
    })
  gauge('millrace_jobs_queued', 'Jobs that wait, by model.', (state) => state.queued)
  gauge('millrace_jobs_running', 'Jobs that run, by model.', (state) => state.running)
  gauge('millrace_workers', 'Workers that have the model ready.', (state) => state.workers)
  const paused = {
    name: 'millrace_paused',
    help: '1 for each model that somebody has paused, and for each of its versions; `version` is empty for the whole model.',
    labels: ['model', 'version'],
    across: 'max',
  } as const
  metrics.gauge(paused, async (self) => {
    const states = await snapshot()
    self.reset()
    for (const { manifest, pauses } of states ?? []) {
      if (pauses.model) self.set({ model: manifest.name, version: '' }, 1)
      for (const version of Object.keys(pauses.versions)) self.set({ model: manifest.name, version }, 1)
    }
  })
  addTallies(metrics, snapshot)
  const up = { name: 'millrace_store_up', help: '1 when Redis answered the last scrape.', across: 'min' } as const
  metrics.gauge(up, async (self) => self.set((await snapshot()) ? 1 : 0))
}

/** What no process counts for itself; every process of the API sees the same. */
function addTallies(metrics: Metrics, snapshot: () => Promise<ModelState[] | undefined>): void {
  const lost = {
    name: 'millrace_leases_lost_total',
    help: 'Jobs whose worker was lost while it held them, by model and by what became of them: requeued, failed (lost too often), canceled.',
    labels: ['model', 'end'],
    across: 'max',
  } as const
  metrics.counter(lost, async (self) => {
    const states = await snapshot()
    self.reset()
    for (const { manifest, tally } of states ?? []) {
      for (const end of ['requeued', 'failed', 'canceled'] as const) self.inc({ model: manifest.name, end }, tally[end])
    }
  })
  const expired = {
    name: 'millrace_jobs_expired_total',
    help: 'Jobs that failed because no worker began them before their deadline, by model.',
    labels: ['model'],
    across: 'max',
  } as const
  metrics.counter(expired, async (self) => {
    const states = await snapshot()
    self.reset()
    for (const { manifest, tally } of states ?? []) self.inc({ model: manifest.name }, tally.expired)
  })
}

/** One read for all gauges of a scrape. Resolves with undefined when Redis is away. */
function shareSnapshot(models: Pick<ModelReader, 'list'>): () => Promise<ModelState[] | undefined> {
  let shared: Promise<ModelState[] | undefined> | undefined
  return () => {
    shared ??= models
      .list()
      .catch(() => undefined)
      .finally(() => setImmediate(() => (shared = undefined)))
    return shared
  }
}
