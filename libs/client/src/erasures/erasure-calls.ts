/** The calls about erasing what a tenant has, for administrators. Part of the client as `client.erasures`. */
import type { Erasure, ErasureRequest } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Sender } from '../http/sender.ts'

export interface ErasureCalls {
  /** Counts what `begin` would erase: read it again with `get` until it is done. Nothing is changed. */
  count(what: Pick<ErasureRequest, 'tenant' | 'metadata'>, options?: CallOptions): Promise<Erasure>
  /**
   * Erases all that the tenant has, or its jobs with that metadata. `counted`: the id of a count of the same that is done. It goes on
   * in the workers: read it again with `get`.
   */
  begin(
    what: Pick<ErasureRequest, 'tenant' | 'metadata'> & { counted: string },
    options?: CallOptions,
  ): Promise<Erasure>
  get(id: string, options?: CallOptions): Promise<Erasure>
}

const PATH = '/v1/erasures'
const WITHIN_MS = 30_000

export function erasureCalls(sender: Sender): ErasureCalls {
  const post = (body: ErasureRequest, { signal, retries }: CallOptions): Promise<Erasure> =>
    sender.json({ path: PATH, method: 'POST', signal, retries, withinMs: WITHIN_MS, body: jsonBody(body) })
  return {
    count: ({ tenant, metadata }, options = {}) => post({ tenant, metadata, dry_run: true }, options),
    begin: ({ tenant, metadata, counted }, options = {}) => post({ tenant, metadata, counted }, options),
    get: (id, { signal, retries } = {}) =>
      sender.json({ path: `${PATH}/${encodeURIComponent(id)}`, signal, retries, withinMs: WITHIN_MS }),
  }
}
