/** The calls about worker processes. Part of the client as `client.workers`. */
import type { WorkerView } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { pagesOf } from '../http/pages-of.ts'
import type { Sender } from '../http/sender.ts'

export interface WorkerCalls {
  /** The newest first. Pages are read while the loop goes on. */
  list(options?: CallOptions): AsyncIterable<WorkerView>
  get(id: string, options?: CallOptions): Promise<WorkerView>
  /** Lets it end what it has and take nothing more. It is `drained` when nothing is in hand: read it again to see that. */
  drain(id: string, options?: CallOptions): Promise<WorkerView>
  /** Lets it take jobs again. */
  resume(id: string, options?: CallOptions): Promise<WorkerView>
}

const WITHIN = 30_000

export function workerCalls(sender: Sender): WorkerCalls {
  const one = (method: 'GET' | 'POST', id: string, verb: string, { signal, retries }: CallOptions = {}) =>
    sender.json<WorkerView>({
      ...{ method, path: `/v1/workers/${encodeURIComponent(id)}${verb}`, signal, retries, withinMs: WITHIN },
    })
  return {
    list: (options = {}) => pagesOf<WorkerView>(sender, { path: '/v1/workers', page: 100 }, options),
    get: (id, options) => one('GET', id, '', options),
    drain: (id, options) => one('POST', id, '/drain', options),
    resume: (id, options) => one('POST', id, '/resume', options),
  }
}
