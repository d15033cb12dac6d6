/**
 * Reads the bytes behind an address that a stranger gave us, bounded in size, time and redirects, and never from the own
 * network. Called by whoever fetches the files of an input.
 */
import { Readable } from 'node:stream'
import { Agent, type Dispatcher, request } from 'undici'
import type { AddressGuard } from './address-guard.ts'
import { type Deadline, startDeadline } from './deadline.ts'
import { exchangeFaultOf } from './exchange-fault.ts'
import { GuardedFetchError } from './guarded-fetch-error.ts'

/** Milliseconds and bytes. */
export const FETCH_LIMITS = {
  /** Of the body, as it comes over the wire. */
  maxBytes: 100 * 1024 * 1024,
  headerBytes: 16 * 1024,
  connectMs: 5_000,
  /** From the request to the headers of the answer, for each redirect anew. */
  headersMs: 15_000,
  /** Silence in the body. */
  bodyMs: 15_000,
  /** The whole, redirects and body. */
  totalMs: 300_000,
  redirects: 3,
} as const
export type FetchLimits = { [Name in keyof typeof FETCH_LIMITS]: number }

export interface FetchedBody {
  /** Where it was in the end, without fragment. */
  url: string
  /** As the server declares it, unchecked; undefined when it does not. */
  contentType: string | undefined
  /** Bytes, as the server declares; undefined when it does not. */
  size: number | undefined
  /** The bytes. Must be read or destroyed. Fails with GuardedFetchError: too_large, timeout, connection_lost. */
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

type Answer = Dispatcher.ResponseData

/** A fetcher with its own connections. */
export function createGuardedFetcher(options: { guard: AddressGuard; limits?: Partial<FetchLimits> }): GuardedFetcher {
  const limits: FetchLimits = { ...FETCH_LIMITS, ...options.limits }
  const agent = new Agent({
    connect: options.guard.connector('input', { timeoutMs: limits.connectMs }),
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.bodyMs,
  })
  return {
    async fetch(address, { maxBytes = limits.maxBytes, signal } = {}) {
      signal?.throwIfAborted()
      const deadline = startDeadline(limits.totalMs, signal)
      try {
        const { url, answer } = await follow(options.guard, agent, address, limits.redirects, deadline.signal)
        const size = sizeOf(answer)
        const refusal = refusalOf(answer, size, maxBytes)
        if (refusal) throw discard(answer, refusal)
        const body = bounded(answer, maxBytes, deadline, signal)
        return { url: url.origin + url.pathname + url.search, contentType: header(answer, 'content-type'), size, body }
      } catch (error) {
        deadline.end()
        throw translated(error, signal)
      }
    },
    close: () => agent.close(),
  }
}

async function follow(guard: AddressGuard, agent: Agent, address: string, redirects: number, signal: AbortSignal) {
  let url = guard.check(address, 'input')
  for (let left = redirects; ; left--) {
    const answer = await request(url, {
      dispatcher: agent,
      signal,
      headers: { 'user-agent': 'Millrace/1', 'accept-encoding': 'identity' },
    })
    const location = [301, 302, 303, 307, 308].includes(answer.statusCode) ? header(answer, 'location') : undefined
    if (location === undefined) return { url, answer }
    if (left === 0) throw discard(answer, new GuardedFetchError('too_many_redirects'))
    discard(answer)
    const next = guard.check(URL.canParse(location, url.href) ? new URL(location, url) : '', 'input')
    if (url.protocol === 'https:' && next.protocol === 'http:') throw new GuardedFetchError('insecure_redirect')
    url = next
  }
}

function refusalOf(answer: Answer, size: number | undefined, maxBytes: number): GuardedFetchError | undefined {
  if (answer.statusCode !== 200) return new GuardedFetchError('bad_status', { status: answer.statusCode })
  const encoding = header(answer, 'content-encoding')?.trim().toLowerCase() ?? 'identity'
  // We asked for none. Inflating would make the size on the wire meaningless.
  if (encoding !== 'identity' && encoding !== '') return new GuardedFetchError('encoded')
  return size !== undefined && size > maxBytes ? new GuardedFetchError('too_large') : undefined
}

/** The body, counted, with its errors translated. Its end, however it comes, frees the connection and the timer. */
function bounded(answer: Answer, maxBytes: number, deadline: Deadline, signal: AbortSignal | undefined): Readable {
  // An abort may come while nobody reads; then the error is told to the next reader.
  answer.body.on('error', () => undefined)
  async function* counted() {
    let read = 0
    try {
      for await (const chunk of answer.body) {
        read += (chunk as Buffer).length
        if (read > maxBytes) throw new GuardedFetchError('too_large')
        yield chunk as Buffer
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

function translated(error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof GuardedFetchError) return error
  if (signal?.aborted) return signal.reason
  return new GuardedFetchError(exchangeFaultOf(error), { cause: error })
}

function discard<E extends Error>(answer: Answer, error?: E): E | undefined {
  answer.body.on('error', () => undefined).destroy()
  return error
}

function header(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function sizeOf(answer: Answer): number | undefined {
  const length = header(answer, 'content-length')
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined
}
