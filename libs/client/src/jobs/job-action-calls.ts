/** The calls about doing something to all jobs that match. Part of the client as `client.jobActions`. */
import type { JobAction, JobActionRequest } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { pagesOf } from '../http/pages-of.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Sender } from '../http/sender.ts'

type What = Pick<JobActionRequest, 'action' | 'filter'>

export interface JobActionCalls {
  /** Counts the jobs that match: `matched`, once it is `done`. Nothing is changed. */
  count(what: What, options?: CallOptions): Promise<JobAction>
  /**
   * Cancels, retries or purges all jobs that match. `expect_count`: what was counted before; if more or fewer match now, it rejects with ApiError
   * `count_mismatch`. It goes on in the server: read it again with `get`. The request is sent once, for a second one would be a second action.
   */
  begin(what: What & { expect_count: number }, options?: CallOptions): Promise<JobAction>
  get(id: string, options?: CallOptions): Promise<JobAction>
  /** Newest first. Pages are read while the loop goes on. */
  list(options?: CallOptions & { limit?: number }): AsyncIterable<JobAction>
  /** It does nothing more; what it did stays done. */
  cancel(id: string, options?: CallOptions): Promise<JobAction>
}

const PATH = '/v1/job-actions'
const WITHIN_MS = 30_000

export function jobActionCalls(sender: Sender): JobActionCalls {
  const post = (body: JobActionRequest, { signal }: CallOptions): Promise<JobAction> =>
    sender.json({ path: PATH, method: 'POST', signal, retries: 0, withinMs: WITHIN_MS, body: jsonBody(body) })
  const one = (id: string, { signal, retries }: CallOptions, verb = '') => ({
    ...{ path: `${PATH}/${encodeURIComponent(id)}${verb}`, signal, retries, withinMs: WITHIN_MS },
  })
  return {
    count: ({ action, filter }, options = {}) => post({ action, filter, dry_run: true }, options),
    begin: ({ action, filter, expect_count }, options = {}) => post({ action, filter, expect_count }, options),
    get: (id, options = {}) => sender.json(one(id, options)),
    list: ({ limit, ...options } = {}) => pagesOf(sender, { path: PATH, query: {}, limit }, options),
    cancel: (id, options = {}) => sender.json({ ...one(id, options, '/cancel'), method: 'POST' }),
  }
}
