/** The calls about models: what there is, and pauses. Part of the client itself. */
import type { CallOptions } from '../call-options.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Send, Sender } from '../http/sender.ts'
import type { ModelPauses, ModelView } from './model-view.ts'

export interface ModelCalls {
  /** The published models. */
  models(options?: CallOptions): Promise<ModelView[]>
  model(name: string, options?: CallOptions): Promise<ModelView>
  /** Gives no more jobs of the model, or of one version of it, to workers. What runs goes on. */
  pause(model: string, options?: CallOptions & { version?: string; submits?: 'take' | 'refuse' }): Promise<ModelPauses>
  resume(model: string, options?: CallOptions & { version?: string }): Promise<ModelPauses>
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
    model: (name, options = {}) => sender.json(call(one(name), options)),
    pause: (name, { version, submits, ...options } = {}) =>
      sender.json(call(one(name, '/pause'), options, { method: 'POST', body: jsonBody({ version, submits }) })),
    resume: (name, { version, ...options } = {}) =>
      sender.json(call(one(name, '/resume'), options, { method: 'POST', body: jsonBody({ version }) })),
  }
}
