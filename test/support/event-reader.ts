/**
 * Reads an event stream as a raw HTTP client does: it gets bytes as they come, and its connection can be cut at any moment.
 * Used by tests of event streams.
 */
import { type IncomingMessage, request } from 'node:http'
import type { StreamedEvent } from '@millrace/contracts'

export interface ReadEvent {
  /** The name of the event. */
  type: string
  id: string | undefined
  /** The content. For server-sent `job` and `done` it is the job; for a line it is the whole event. */
  data: StreamedEvent & Record<string, unknown>
}

export interface EventReader {
  status: number
  headers: IncomingMessage['headers']
  /** The events so far. The list grows as they come. */
  events: ReadEvent[]
  /** All text that has come so far. */
  text(): string
  /** `end` when the server ended the answer properly, `cut` when the connection broke. */
  closed: Promise<'end' | 'cut'>
  cut(): void
}

export interface ReadOptions {
  headers?: Record<string, string>
  method?: string
  body?: string
  /** Called with each event at the moment when it comes. */
  onEvent?: (event: ReadEvent, reader: EventReader) => void
}

/** Resolves when the headers of the answer have come. */
export function readEvents(url: string, options: ReadOptions = {}): Promise<EventReader> {
  const { headers = {}, method = 'GET', body, onEvent } = options
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let [text, rest] = ['', '']
      const lines = response.headers['content-type'] === 'application/x-ndjson'
      const reader: EventReader = {
        status: response.statusCode ?? 0,
        headers: response.headers,
        events: [],
        text: () => text,
        closed: new Promise((done) => {
          response.on('close', () => done(response.complete ? 'end' : 'cut'))
        }),
        cut: () => response.destroy(),
      }
      response.on('error', () => undefined)
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        const frames = (rest + chunk).split(lines ? '\n' : '\n\n')
        rest = frames.pop() ?? ''
        for (const frame of frames) {
          const event = lines ? parseLine(frame) : parseFrame(frame)
          if (!event || response.destroyed) continue
          reader.events.push(event)
          onEvent?.(event, reader)
        }
      })
      resolve(reader)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

function parseFrame(frame: string): ReadEvent | undefined {
  const fields = new Map(frame.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^\w+: /, '')]))
  const [type, data] = [fields.get('event'), fields.get('data')]
  if (type === undefined || data === undefined) return undefined
  return { type, id: fields.get('id'), data: JSON.parse(data) as ReadEvent['data'] }
}

function parseLine(line: string): ReadEvent | undefined {
  if (line === '') return undefined
  const data = JSON.parse(line) as ReadEvent['data'] & { id?: string }
  return { type: data.type, id: data.id, data }
}
