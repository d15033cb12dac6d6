/** Logging in and out, for pages that come from the server's own origin. Part of the client itself. */
import type { CallOptions } from '../call-options.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Send, Sender } from '../http/sender.ts'

export interface SessionCalls {
  /**
   * For a page of the same origin as the server: from now on the browser sends a cookie with each request, for 12 hours, and a client
   * without `apiKey` may do what the key may do. The request is sent once.
   */
  logIn(key: string, options?: CallOptions): Promise<void>
  /** The browser forgets the cookie. */
  logOut(options?: CallOptions): Promise<void>
}

const WITHIN = 30_000

export function sessionCalls(sender: Sender): SessionCalls {
  const send = (more: Partial<Send>): Promise<void> =>
    sender.send({ path: '/v1/session', withinMs: WITHIN, ...more }, async () => undefined)
  return {
    // Somebody waits before a form: it is better to tell than to try again.
    logIn: (key, { signal, retries = 0 } = {}) => send({ method: 'POST', body: jsonBody({ key }), signal, retries }),
    logOut: ({ signal, retries } = {}) => send({ method: 'DELETE', signal, retries }),
  }
}
