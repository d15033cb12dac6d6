/** The body of a request, in a form that can be sent again where its parts allow it. */

export interface OpenedBody {
  body: BodyInit
  /** What the body itself needs: its content type, unless `fetch` finds that out. */
  headers?: Record<string, string>
  /** Set for a body that is streamed; `fetch` wants to be told. */
  duplex?: 'half'
}

export interface RequestBody {
  /** False when it can be opened once only. */
  replayable: boolean
  /** Called for each try. What it rejects with is the caller's fault and is passed on as it is. */
  open(): Promise<OpenedBody>
}

/** The type of `fetch`'s body, which no library file of TypeScript names without the DOM. */
export type BodyInit = NonNullable<RequestInit['body']>

export function jsonBody(value: unknown): RequestBody {
  const body = JSON.stringify(value)
  const headers = { 'content-type': 'application/json' }
  return { replayable: true, open: async () => ({ body, headers }) }
}
