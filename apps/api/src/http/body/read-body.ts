/** Reads the body of a request as bytes: never more than allowed, and never without end. Called by routes with small bodies. */
import { ProblemError } from '@millrace/contracts'
import { atLatest } from '@millrace/async'

/** How long a body may take from its start to its end. Milliseconds. */
const BODY_MS = 30_000

/** Throws ProblemError `body_too_large` for one that is, or says it is, too long; `request_timeout` for one that is late. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const announced = announcedBytes(request)
  if (announced !== undefined && announced > maxBytes) throw tooLarge(maxBytes)
  // The HTTP parser holds a body to its announced length, so it can be read in one go, which is much faster.
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
    mostBytes: maxBytes,
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
      // Not awaited, for the client may never answer.
      void reader.cancel().catch(() => undefined)
      throw tooLarge(maxBytes)
    }
    chunks.push(value)
  }
}

function brokenOff(cause: unknown): never {
  throw new ProblemError('malformed_json', { detail: 'The body broke off.', cause })
}
