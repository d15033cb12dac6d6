/** The calls about keys of the API, for administrators. Part of the client as `client.keys`. */
import type { ApiKey, ApiKeyRequest } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { pagesOf } from '../http/pages-of.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Send, Sender } from '../http/sender.ts'

/** A key with its text, which no later answer shows. */
export type CreatedApiKey = ApiKey & { key: string }

export interface KeysOptions extends CallOptions {
  /** Default: of all tenants. */
  tenant?: string
  /** Most keys to return. Default: all. */
  limit?: number
}

export interface KeyCalls {
  /** Makes a key. The request is sent once: if the answer is lost, revoke what `list` shows and make another. */
  create(
    key: Pick<ApiKeyRequest, 'name' | 'scopes'> & Partial<ApiKeyRequest>,
    options?: CallOptions,
  ): Promise<CreatedApiKey>
  /** Keys, newest first. Pages are read while the loop goes on. */
  list(options?: KeysOptions): AsyncIterable<ApiKey>
  get(id: string, options?: CallOptions): Promise<ApiKey>
  /** Within 2 seconds it lets nobody in. */
  revoke(id: string, options?: CallOptions): Promise<ApiKey>
  /** Makes a key that may do the same. The old one is valid for the overlap yet; default a day. The request is sent once. */
  rotate(id: string, options?: CallOptions & { overlapSeconds?: number }): Promise<CreatedApiKey>
}

const KEYS = '/v1/keys'
const WITHIN = 30_000

export function keyCalls(sender: Sender): KeyCalls {
  const call = (path: string, { signal, retries }: CallOptions = {}, more: Partial<Send> = {}): Send => ({
    ...{ path, signal, retries, withinMs: WITHIN },
    ...more,
  })
  const one = (id: string, verb = '') => `${KEYS}/${encodeURIComponent(id)}${verb}`
  /** Not repeated by the client: a second request would make a second key. */
  const once: Partial<Send> = { method: 'POST', retries: 0 }

  return {
    create: (key, options) => sender.json(call(KEYS, options, { ...once, body: jsonBody(key) })),
    list: ({ tenant, limit, ...options } = {}) =>
      pagesOf<ApiKey>(sender, { path: KEYS, query: { tenant }, limit }, options),
    get: (id, options) => sender.json(call(one(id), options)),
    revoke: (id, options) => sender.json(call(one(id), options, { method: 'DELETE' })),
    rotate: (id, { overlapSeconds, ...options } = {}) =>
      sender.json(call(one(id, '/rotate'), options, { ...once, body: jsonBody({ overlap_seconds: overlapSeconds }) })),
  }
}
