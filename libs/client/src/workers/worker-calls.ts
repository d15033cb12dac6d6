/** The calls about worker processes. Part of the client as `client.workers`. */
import type { WorkerView } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
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
    list: (options) => listWorkers(sender, options),
    get: (id, options) => one('GET', id, '', options),
    drain: (id, options) => one('POST', id, '/drain', options),
    resume: (id, options) => one('POST', id, '/resume', options),
  }
}

async function* listWorkers(sender: Sender, { signal, retries }: CallOptions = {}): AsyncGenerator<WorkerView> {
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: { data: WorkerView[]; next_cursor: string | null } = await sender.json({
      ...{ path: `/v1/workers?limit=100${query}`, signal, retries, withinMs: WITHIN },
    })
    yield* page.data
    cursor = page.next_cursor
  } while (cursor !== null)
}
