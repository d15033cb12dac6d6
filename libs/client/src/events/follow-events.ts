/** Follows the events of a job across lost connections. Called by create-client.ts. */
import type { StreamedEvent } from '@millrace/contracts'
import type { EventsOptions } from '../call-options.ts'
import { ApiError, ConnectionError } from '../client-errors.ts'
import type { ConnectEvents } from './event-connection.ts'
import { pause } from '../http/pause.ts'
import { retryDelay } from '../http/retry-delay.ts'

/**
 * Gives each event of a job once, over as many connections as it takes, and ends after `done`. Rejects when the server
 * refuses for good or has no place for a stream, and after `retries` connections in a row that brought nothing.
 */
export async function* followEvents(
  connect: ConnectEvents,
  id: string,
  { after, signal, retries }: EventsOptions & { retries: number },
): AsyncGenerator<StreamedEvent> {
  let last = after
  for (let failures = 0; ; failures++) {
    let fault: Error | undefined
    try {
      let empty = true
      for await (const event of connect(id, { after: last, signal })) {
        if (event.type === 'bye') break
        empty = false
        failures = 0
        if ('id' in event && event.id !== undefined) last = event.id
        yield event
        if (event.type === 'done') return
      }
      // There is nothing after the last event, and nothing will come.
      if (empty && last?.endsWith('-done')) return
    } catch (error) {
      signal?.throwIfAborted()
      if (!mayPass(error)) throw error
      fault = error
    }
    if (failures >= retries) throw fault ?? new ConnectionError(id, 'the event stream ends again and again')
    await pause(retryDelay(failures, null), signal)
  }
}

/**
 * The server cannot be reached or restarts. `streams_full` is not repeated: it may last, and `watch` can poll instead.
 */
function mayPass(error: unknown): error is Error {
  if (error instanceof ApiError) return [502, 503, 504].includes(error.status) && error.code !== 'streams_full'
  return error instanceof ConnectionError
}
