/**
 * Sends a text that is the same for everybody and is kept in memory, such as the OpenAPI document or a script of a page. Anybody may
 * ask for it, so it goes piece by piece, as the client reads. Called by the routes of documents and of the page.
 */
import { createHash } from 'node:crypto'
import type { ApiContext } from '../api-deps.ts'
import { matchesTag } from './matches-tag.ts'

export interface Text {
  type: string
  bytes: Uint8Array
  tag: string
}

export function toText(type: string, content: string | Uint8Array): Text {
  const bytes = Buffer.from(content)
  return { type, bytes, tag: `"${createHash('sha256').update(bytes).digest('base64url')}"` }
}

/** Bytes that are handed over at once. */
const PIECE = 64 * 1024

/** Not at all to who has it already. */
export function sendText(c: ApiContext, { type, bytes, tag }: Text, headers: Record<string, string>): Response {
  if (matchesTag(c.req.header('if-none-match'), tag)) return c.body(null, 304, { etag: tag, ...headers })
  let at = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(to) {
        to.enqueue(bytes.subarray(at, at + PIECE))
        at += PIECE
        if (at >= bytes.length) to.close()
      },
    },
    { highWaterMark: 0 },
  )
  return c.body(body, 200, { 'content-type': type, 'content-length': String(bytes.length), etag: tag, ...headers })
}
