/** Where a request came from. Behind a proxy that is the address of the proxy: what a client says of itself is not trusted. */
import type { ApiContext } from './api-deps.ts'

/** Empty where the app is called without a server. */
export function addressOf(c: ApiContext): string {
  const bindings: ApiContext['env'] | undefined = c.env
  return bindings?.outgoing?.req.socket.remoteAddress ?? ''
}
