/**
 * Sends one request to the API, and repeats it while that is safe and can help: after no answer, after 429, and after the
 * 5xx that mean "not now". Every call of the client uses it. Only requests that may be repeated come here with retries:
 * reads, idempotent changes, and submits with an idempotency key.
 */
import { ApiError, ConnectionError } from '../client-errors.ts'
import { pause } from './pause.ts'
import { heardAnswer, readJson, readProblem } from './read-answer.ts'
import type { OpenedBody, RequestBody } from './request-body.ts'
import { retryDelay } from './retry-delay.ts'

export interface SenderOptions {
  url: string
  apiKey: string | undefined
  fetch: typeof fetch | undefined
  retries: number
}

export interface Send {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path of the address, with its query. */
  path: string
  headers?: Record<string, string>
  body?: RequestBody
  signal?: AbortSignal
  /** How often this request is repeated. Default: the client's. */
  retries?: number
  /** Milliseconds for the complete answer. Absent: no limit (uploads). */
  withinMs?: number
  /** Milliseconds of silence allowed before and within an answer of any size. */
  silenceMs?: number
  /** Called when the request is sent again: it may have been carried out before. */
  onResend?: () => void
}

type Outcome<T> = { ok: true; value: T } | { ok: false; error: Error; again: boolean; retryAfter: string | null }

/**
 * Node's `fetch` would keep a streamed body in memory in case of a redirect, which a stream cannot follow. It does not
 * if both fields are set so.
 */
const STREAMED = { redirect: 'error', window: null } as const

const TRY_AGAIN = new Set([429, 502, 503, 504])

export class Sender {
  readonly #options: SenderOptions
  readonly #base: string

  constructor(options: SenderOptions) {
    if (!/^https?:\/\//i.test(options.url) || !URL.canParse(options.url)) {
      throw new TypeError(`the url of a server begins with http:// or https://, got ${JSON.stringify(options.url)}`)
    }
    this.#options = options
    this.#base = options.url.replace(/\/+$/, '')
  }

  /** The JSON of the answer. Rejects with ApiError, ConnectionError, or the reason of the signal. */
  json<T>(send: Send): Promise<T> {
    return this.send(send, (response) => readJson<T>(response))
  }

  /** What `read` makes of an answer that is not a refusal. If `read` rejects, the answer was not complete. */
  async send<T>(send: Send, read: (response: Response) => Promise<T>): Promise<T> {
    const tries = send.body?.replayable === false ? 0 : (send.retries ?? this.#options.retries)
    for (let attempt = 0; ; attempt++) {
      if (attempt > 0) send.onResend?.()
      const opened = await send.body?.open()
      const found = await this.#once(send, opened, read)
      if (found.ok) return found.value
      if (!found.again || attempt >= tries) throw found.error
      await pause(retryDelay(attempt, found.retryAfter), send.signal)
    }
  }

  async #once<T>(
    send: Send,
    opened: OpenedBody | undefined,
    read: (response: Response) => Promise<T>,
  ): Promise<Outcome<T>> {
    // A header that cannot be sent is a fault of the caller, not of the connection.
    const headers = this.#headers(send, opened)
    const limit = limitedSignal(send.signal, send.withinMs ?? send.silenceMs)
    try {
      const response = await this.#fetch(send, opened, headers, limit.signal)
      if (send.silenceMs !== undefined) limit.release()
      const heard = send.silenceMs === undefined ? response : heardAnswer(response, send.silenceMs, send.signal)
      if (response.ok || response.status === 304) return { ok: true, value: await read(heard) }
      const error = await readProblem(heard)
      return {
        ok: false,
        error,
        again: TRY_AGAIN.has(response.status),
        retryAfter: response.headers.get('retry-after'),
      }
    } catch (cause) {
      send.signal?.throwIfAborted()
      if (cause instanceof ApiError) throw cause
      const error = new ConnectionError(this.#base, reasonOf(cause), { cause })
      return { ok: false, error, again: true, retryAfter: null }
    } finally {
      limit.release()
    }
  }

  #fetch(send: Send, opened: OpenedBody | undefined, headers: Headers, signal: AbortSignal | undefined) {
    const { fetch: call = globalThis.fetch } = this.#options
    const init: RequestInit = { method: send.method, headers, body: opened?.body, signal }
    return call(`${this.#base}${send.path}`, opened?.duplex ? { ...init, ...STREAMED, duplex: opened.duplex } : init)
  }

  #headers(send: Send, opened: OpenedBody | undefined): Headers {
    const { apiKey } = this.#options
    const authorization = apiKey === undefined ? undefined : { authorization: `Bearer ${apiKey}` }
    return new Headers({ accept: 'application/json', ...authorization, ...opened?.headers, ...send.headers })
  }
}

/**
 * The caller's signal with a time limit added. `release` detaches from both, because a signal may outlive many
 * requests.
 */
function limitedSignal(signal: AbortSignal | undefined, withinMs: number | undefined) {
  if (withinMs === undefined) return { signal, release: () => undefined }
  const controller = new AbortController()
  const stop = (): void => controller.abort(signal?.reason)
  const late = new Error(`nothing came within ${withinMs / 1000} s`)
  const timer = setTimeout(() => controller.abort(late), withinMs)
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    },
  }
}

/** `fetch` only says that it failed. The reason is in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  const { code } = cause as { code?: unknown }
  return cause.message || (typeof code === 'string' ? code : error.message)
}
