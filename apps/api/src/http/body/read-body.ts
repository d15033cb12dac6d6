/** The body of a request as bytes, never more than allowed and never waited for without end. Called by the submit route. */
import { ProblemError } from '@millrace/contracts'
import { atLatest } from '@millrace/async'

/** From the start of the body to its end. Milliseconds. */
const BODY_MS = 30_000

/** Throws ProblemError `body_too_large` when it is announced or found to be too long, `request_timeout` when it is late. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const announced = announcedBytes(request)
  if (announced !== undefined && announced > maxBytes) throw tooLarge(maxBytes)
  // The HTTP parser holds an announced body to its length, so it may be read in one go, which is much faster.
  const read = announced === undefined ? readChunks(request, maxBytes) : readWhole(request, maxBytes)
  return new Promise((resolve, reject) => {
    const detail = `The body took longer than ${BODY_MS / 1000} s.`
    const inTime = atLatest(BODY_MS, () => reject(new ProblemError('request_timeout', { detail })))
    read.then(resolve, reject).finally(inTime)
  })
}

/** Bytes by Content-Length; undefined when the body is chunked or has none. */
export function announcedBytes(request: Request): number | undefined {
  const length = request.headers.get('content-length')
  return length === null || request.headers.has('transfer-encoding') ? undefined : Number(length)
}

export const tooLarge = (maxBytes: number) =>
  new ProblemError('body_too_large', {
    detail: `At most ${maxBytes} bytes are taken here. Send large data as a file part of a multipart body.`,
  })

async function readWhole(request: Request, maxBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await request.arrayBuffer().catch(brokenOff))
  if (bytes.length > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

async function readChunks(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let total = 0
  const reader = request.body.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch(brokenOff)
    if (done) return Buffer.concat(chunks, total)
    total += value.length
    if (total > maxBytes) {
      // Not waited for: the client may never answer.
      void reader.cancel().catch(() => undefined)
      throw tooLarge(maxBytes)
    }
    chunks.push(value)
  }
}

function brokenOff(cause: unknown): never {
  throw new ProblemError('malformed_json', { detail: 'The body broke off.', cause })
}
