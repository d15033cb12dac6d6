/** The calls about models: what there is, and pauses. Part of the client itself. */
import type { ModelScale, ModelStats, QueueState } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { jsonBody } from '../http/request-body.ts'
import { queryText } from '../http/pages-of.ts'
import type { Send, Sender } from '../http/sender.ts'
import type { ModelPauses, ModelView } from './model-view.ts'

export interface ModelCalls {
  /** The published models. */
  models(options?: CallOptions): Promise<ModelView[]>
  /** `version`: whose manifest is told. Default: the current one. */
  model(name: string, options?: CallOptions & { version?: string }): Promise<ModelView>
  /** What waits and runs of each model: of all tenants for an administrator's key, else one's own. */
  queues(options?: CallOptions): Promise<QueueState[]>
  /** How many workers a model needs, or one version of it. Needs the scope metrics. */
  scale(model: string, options?: CallOptions & ScaleOptions): Promise<ModelScale>
  /** What happened to the jobs of a model, minute by minute, for administrators. `since`: ISO 8601, a day ago at most. */
  stats(model: string, options?: CallOptions & { since?: string; every?: number }): Promise<ModelStats>
  /** Gives no more jobs of the model, or of one version of it, to workers. What runs goes on. */
  pause(model: string, options?: CallOptions & { version?: string; submits?: 'take' | 'refuse' }): Promise<ModelPauses>
  resume(model: string, options?: CallOptions & { version?: string }): Promise<ModelPauses>
}

/** What holds for the reckoning; see GET /v1/models/{model}/scale. */
export interface ScaleOptions {
  version?: string
  targetWaitSeconds?: number
  minWorkers?: number
  maxWorkers?: number
  coldStartSeconds?: number
}

const MODELS = '/v1/models'

export function modelCalls(sender: Sender): ModelCalls {
  const call = (path: string, { signal, retries }: CallOptions, more: Partial<Send> = {}): Send => ({
    ...{ path, signal, retries, withinMs: 30_000 },
    ...more,
  })
  const one = (name: string, verb = '') => `${MODELS}/${encodeURIComponent(name)}${verb}`
  return {
    models: async (options = {}) => (await sender.json<{ data: ModelView[] }>(call(MODELS, options))).data,
    model: (name, { version, ...options } = {}) =>
      sender.json(call(one(name, version === undefined ? '' : `?version=${encodeURIComponent(version)}`), options)),
    queues: async (options = {}) => (await sender.json<{ data: QueueState[] }>(call('/v1/queues', options))).data,
    scale: (name, { version, targetWaitSeconds, minWorkers, maxWorkers, coldStartSeconds, ...options } = {}) => {
      const query = queryText({
        version,
        target_wait_seconds: targetWaitSeconds?.toString(),
        min_workers: minWorkers?.toString(),
        max_workers: maxWorkers?.toString(),
        cold_start_seconds: coldStartSeconds?.toString(),
      })
      return sender.json(call(one(name, `/scale?${query}`), options))
    },
    stats: (name, { since, every, ...options } = {}) =>
      sender.json(call(one(name, `/stats?${queryText({ since, every: every?.toString() })}`), options)),
    pause: (name, { version, submits, ...options } = {}) =>
      sender.json(call(one(name, '/pause'), options, { method: 'POST', body: jsonBody({ version, submits }) })),
    resume: (name, { version, ...options } = {}) =>
      sender.json(call(one(name, '/resume'), options, { method: 'POST', body: jsonBody({ version }) })),
  }
}
