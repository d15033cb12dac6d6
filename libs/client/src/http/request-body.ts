/** The body of a request, in a form that can be sent again if its parts allow it. */

export interface OpenedBody {
  body: BodyInit
  /** Headers that the body needs. Absent when `fetch` finds out the content type itself. */
  headers?: Record<string, string>
  /** Set for a streamed body, because `fetch` requires it. */
  duplex?: 'half'
}

export interface RequestBody {
  /** False when the body can be opened only once. */
  replayable: boolean
  /** Called for each try. An error from it is the caller's, and is passed on unchanged. */
  open(): Promise<OpenedBody>
}

/** The type of a `fetch` body. Without the DOM, no TypeScript library names it. */
export type BodyInit = NonNullable<RequestInit['body']>

export function jsonBody(value: unknown): RequestBody {
  const body = JSON.stringify(value)
  const headers = { 'content-type': 'application/json' }
  return { replayable: true, open: async () => ({ body, headers }) }
}
