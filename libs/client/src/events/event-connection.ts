/** One connection to the event stream of a job: from the request to typed events, until it ends or breaks. */
import type { Job, StreamedEvent } from '@millrace/contracts'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { ApiError, ConnectionError } from '../client-errors.ts'
import type { Sender } from '../http/sender.ts'

/**
 * Milliseconds within which something must come. The server writes at once, so silence means that a proxy holds the
 * stream back.
 */
const FIRST_MS = 10_000
/** Milliseconds of silence after which the connection counts as dead: three heartbeats did not come. */
const SILENT_MS = 45_000

export interface Connect {
  /** Id of the event after which to continue, or `latest`. */
  after: string | undefined
  signal: AbortSignal | undefined
}

/**
 * Makes one connection. Ends without an event when nothing more will come. Rejects with ConnectionError when the
 * connection breaks or is silent for too long.
 */
export type ConnectEvents = (id: string, connect: Connect) => AsyncGenerator<StreamedEvent>

export const eventConnection = (sender: Sender, url: string): ConnectEvents =>
  async function* (id, { after, signal }) {
    const control = new AbortController()
    const stop = (): void => control.abort(signal?.reason)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    const silence = watchSilence(() => control.abort(new ConnectionError(url, 'the event stream fell silent')))
    try {
      const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
      const path = `/v1/jobs/${encodeURIComponent(id)}/events${query}`
      const headers = { accept: 'text/event-stream' }
      const response = await sender.send({ path, headers, retries: 0, signal: control.signal }, async (head) => head)
      if (response.status === 204) return
      yield* readEvents(bodyOf(response), silence.heard)
    } catch (error) {
      // Whatever error the body of an answer gives, its cause is the broken connection.
      control.signal.throwIfAborted()
      if (error instanceof ApiError || error instanceof ConnectionError) throw error
      throw new ConnectionError(url, 'the event stream broke', { cause: error })
    } finally {
      silence.end()
      signal?.removeEventListener('abort', stop)
      control.abort()
    }
  }

function bodyOf(response: Response): ReadableStream<Uint8Array> {
  const type = response.headers.get('content-type') ?? ''
  if (response.body && type.startsWith('text/event-stream')) return response.body
  const detail = `The answer is no event stream but ${type || 'of no type'}: is there a proxy in between?`
  throw new ApiError({ title: 'Unexpected answer', detail, status: response.status })
}

async function* readEvents(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<StreamedEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const found: StreamedEvent[] = []
  const parser = createParser({ onEvent: (message) => void found.push(toEvent(message)) })
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    heard()
    parser.feed(decoder.decode(value, { stream: true }))
    yield* found.splice(0)
  }
}

function toEvent({ event: type, id, data }: EventSourceMessage): StreamedEvent {
  const value: unknown = JSON.parse(data)
  if (type !== 'done' && type !== 'job') return value as StreamedEvent
  const job = value as Job
  const at = (type === 'done' && job.finished_at) || new Date().toISOString()
  return { type, at, job, ...(id === undefined ? {} : { id }) } as StreamedEvent
}

function watchSilence(tooLong: () => void) {
  let timer = setTimeout(tooLong, FIRST_MS)
  return {
    heard: () => {
      clearTimeout(timer)
      timer = setTimeout(tooLong, SILENT_MS)
    },
    end: () => clearTimeout(timer),
  }
}
