/**
 * Reads the bytes at an address from outside, with limits on size, time and redirects, and never from the own network.
 * Called by code that fetches the files of an input.
 */
import { Readable } from 'node:stream'
import { type Deadline, startDeadline } from '@millrace/async'
import type { AddressGuard } from '../guard/address-guard.ts'
import { type Answer, createExchanges, type Exchanges } from './exchange.ts'
import { exchangeFaultOf } from './exchange-fault.ts'
import { GuardedFetchError } from './guarded-fetch-error.ts'

/** Times in milliseconds, sizes in bytes. */
export const FETCH_LIMITS = {
  /** The size of the body on the wire. */
  maxBytes: 100 * 1024 * 1024,
  headerBytes: 16 * 1024,
  connectMs: 5_000,
  /** The time from a request to the headers of its answer. It starts anew with each redirect. */
  headersMs: 15_000,
  /** The longest silence in the body. */
  bodyMs: 15_000,
  /** A server that sends fewer bytes per second than this is given up. Measured over `slowMs` of waiting for it. */
  minBytesPerSecond: 4_096,
  slowMs: 15_000,
  /** The time for everything, with redirects and body. */
  totalMs: 300_000,
  redirects: 3,
} as const
export type FetchLimits = { [Name in keyof typeof FETCH_LIMITS]: number }

export interface FetchedBody {
  /** The last address, after all redirects, without fragment. */
  url: string
  /** The type that the server declares. It is not checked. Undefined when there is none. */
  contentType: string | undefined
  /** The size in bytes that the server declares. Undefined when there is none. */
  size: number | undefined
  /**
   * The bytes. They must be read or destroyed. Fails with GuardedFetchError: too_large, too_slow, timeout, connection_lost,
   * invalid_answer.
   */
  body: Readable
}

export interface GuardedFetcher {
  /**
   * GETs an address, following at most 3 redirects, each judged by the guard. Rejects with GuardedFetchError, or with the
   * reason of `signal`, which also ends the body.
   */
  fetch(url: string, options?: { maxBytes?: number; signal?: AbortSignal }): Promise<FetchedBody>
  close(): Promise<void>
}

/** Makes a fetcher with its own connections. */
export function createGuardedFetcher(options: { guard: AddressGuard; limits?: Partial<FetchLimits> }): GuardedFetcher {
  const limits: FetchLimits = { ...FETCH_LIMITS, ...options.limits }
  const exchanges = createExchanges(
    options.guard.connector('input', { timeoutMs: limits.connectMs }),
    limits.headerBytes,
  )
  return {
    async fetch(address, { maxBytes = limits.maxBytes, signal } = {}) {
      signal?.throwIfAborted()
      const deadline = startDeadline(limits.totalMs, { signal })
      try {
        const { url, answer } = await follow(options.guard, exchanges, address, limits, deadline.signal)
        const size = sizeOf(answer)
        const refusal = refusalOf(answer, size, maxBytes)
        if (refusal) throw discard(answer, refusal)
        const body = bounded(answer, { ...limits, maxBytes }, deadline, signal)
        return { url: url.origin + url.pathname + url.search, contentType: answer.headers['content-type'], size, body }
      } catch (error) {
        deadline.end()
        throw translated(error, signal)
      }
    },
    close: () => exchanges.close(),
  }
}

async function follow(
  guard: AddressGuard,
  exchanges: Exchanges,
  address: string,
  { redirects, headersMs }: FetchLimits,
  signal: AbortSignal,
) {
  let url = guard.check(address, 'input')
  for (let left = redirects; ; left--) {
    const answer = await ask(exchanges, url, headersMs, signal)
    const location = [301, 302, 303, 307, 308].includes(answer.status) ? answer.headers.location : undefined
    if (location === undefined) return { url, answer }
    if (left === 0) throw discard(answer, new GuardedFetchError('too_many_redirects'))
    discard(answer)
    const next = guard.check(URL.canParse(location, url.href) ? new URL(location, url) : '', 'input')
    if (url.protocol === 'https:' && next.protocol === 'http:') throw new GuardedFetchError('insecure_redirect')
    url = next
  }
}

/** The final answer. Interim answers do not extend the deadline. */
async function ask(exchanges: Exchanges, url: URL, withinMs: number, signal: AbortSignal): Promise<Answer> {
  const headers = { 'user-agent': 'Millrace/1', 'accept-encoding': 'identity' }
  const deadline = startDeadline(withinMs, { signal })
  try {
    return await exchanges.send(url, { method: 'GET', headers, signal: deadline.signal })
  } finally {
    deadline.end()
  }
}

function refusalOf(answer: Answer, size: number | undefined, maxBytes: number): GuardedFetchError | undefined {
  if (answer.status !== 200) return new GuardedFetchError('bad_status', { status: answer.status })
  const encoding = answer.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  // Our request asks for no encoding. Inflating the body would make the limit on its size useless.
  if (encoding !== 'identity' && encoding !== '') return new GuardedFetchError('encoded')
  return size !== undefined && size > maxBytes ? new GuardedFetchError('too_large') : undefined
}

/**
 * The body with its bytes counted, its time limited and its errors translated. However it ends, the connection and the timer
 * are freed.
 */
function bounded(answer: Answer, limits: FetchLimits, deadline: Deadline, signal: AbortSignal | undefined): Readable {
  const stop = () => void answer.body.destroy(deadline.signal.reason as Error)
  deadline.signal.addEventListener('abort', stop, { once: true })
  if (deadline.signal.aborted) stop()
  async function* counted() {
    let read = 0
    try {
      for await (const chunk of inTime(answer, limits)) {
        read += chunk.length
        if (read > limits.maxBytes) throw new GuardedFetchError('too_large')
        yield chunk
      }
    } catch (error) {
      throw translated(error, signal)
    }
  }
  const body = Readable.from(counted(), { objectMode: false })
  return body.once('close', () => {
    deadline.end()
    answer.body.destroy()
  })
}

/** Ends a body that is silent or too slow. Only the time in which the reader waits for bytes counts. */
async function* inTime(answer: Answer, { bodyMs, slowMs, minBytesPerSecond }: FetchLimits): AsyncGenerator<Buffer> {
  const chunks = answer.chunks()
  let waitedMs = 0
  let bytes = 0
  for (;;) {
    const silence = setTimeout(() => answer.body.destroy(new GuardedFetchError('timeout')), bodyMs)
    const askedMs = performance.now()
    const next = await chunks.next().finally(() => clearTimeout(silence))
    if (next.done) return
    waitedMs += performance.now() - askedMs
    bytes += next.value.length
    if (waitedMs >= slowMs) {
      if (bytes < (minBytesPerSecond * waitedMs) / 1000) throw new GuardedFetchError('too_slow')
      waitedMs = 0
      bytes = 0
    }
    yield next.value
  }
}

function translated(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof GuardedFetchError) return error
  if (signal?.aborted) return signal.reason
  return new GuardedFetchError(exchangeFaultOf(error), { cause: error })
}

function discard<E extends Error>(answer: Answer, error?: E): E | undefined {
  answer.body.destroy()
  return error
}

function sizeOf(answer: Answer): number | undefined {
  const length = answer.headers['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
