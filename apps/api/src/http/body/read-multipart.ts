/**
 * Reads a multipart body part by part as it arrives: it collects fields and hands on files as streams. Beside the fields only
 * the piece that is arriving is in memory. Called by read-submit.ts and receive-upload.ts.
 */
import { LIMITS, ProblemError } from '@millrace/contracts'
import { Busboy, type BusboyFileStream } from '@fastify/busboy'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Arrival, guardArrival } from './guard-arrival.ts'
import { announcedBytes, tooLarge } from './read-body.ts'

const MAX_PARTS = 1000

/** What is known of a part before its content. */
export interface PartHead {
  /** As sent: the name of the form field. */
  name: string
  fileName: string | undefined
  contentType: string
}

/** A part that is no file, whole. */
export interface FieldPart extends PartHead {
  bytes: Buffer
  /** Its place among all parts. */
  order: number
}

export interface FilePart extends PartHead {
  stream: Readable
  /** Its place among all parts. */
  order: number
  /** Aborted when the upload is given up. */
  signal: AbortSignal
}

export interface MultipartOptions extends Arrival {
  /** Whether a part is a field. Default: a part with neither file name nor type is one. */
  isField?(part: PartHead): boolean
  /** Whether fields are taken. */
  takesFields: boolean
  /** Takes a file. It must read the stream to its end, or reject: that ends the request. */
  onFile(part: FilePart): Promise<void>
}

/** A part without a file name, of the type of plain text. */
export const looksLikeField = ({ fileName, contentType }: PartHead): boolean =>
  !fileName && contentType === 'text/plain'

/**
 * The fields in the order of their parts. Resolves when every file was taken; rejects, after all `onFile` calls have ended, with
 * the first error of an `onFile` or with ProblemError `malformed_multipart`, `body_too_large` or `invalid_request`.
 */
export async function readMultipart(request: Request, options: MultipartOptions): Promise<FieldPart[]> {
  const announced = announcedBytes(request)
  if (announced !== undefined && announced > options.maxBytes) throw tooLarge(options.maxBytes)
  const source = Readable.fromWeb(request.body ?? new ReadableStream({ start: (empty) => empty.close() }))
  const fields: FieldPart[] = []
  const room = { bytes: LIMITS.bodyBytes }
  let order = 0
  const work: Promise<void>[] = []
  const open = new Set<BusboyFileStream>()
  const abort = new AbortController()
  let fault: unknown

  const fail = (error: unknown): void => {
    fault ??= error
    if (abort.signal.aborted) return
    abort.abort()
    for (const stream of open) stream.destroy(new Error('the upload was given up'))
  }
  const parser = startParser(request)
  parser.on('partsLimit', () => fail(malformed(`At most ${MAX_PARTS} parts are taken.`)))
  parser.on('file', (name: string | undefined, stream, fileName: string | undefined, _encoding, contentType) => {
    open.add(stream)
    // The body ended in the middle of this part. The pipeline reports that too.
    stream.on('error', () => undefined).on('close', () => open.delete(stream))
    const head = { name: name ?? '', fileName: fileName && plainWords(fileName), contentType }
    const part = { ...head, stream, signal: abort.signal, order: order++ }
    const take = async (): Promise<void> => {
      if (abort.signal.aborted) throw new Error('the upload was given up')
      const isField = name !== undefined && (options.isField ?? looksLikeField)(head)
      if (isField) fields.push(await takeField(part, options.takesFields, room))
      else await options.onFile(part)
    }
    work.push(take().catch(fail))
    if (abort.signal.aborted) stream.destroy()
  })

  const guard = guardArrival(options, fail)
  // Ended by signal, for a source that has ended tells the others nothing more.
  await pipeline(source, guard.meter, parser, { signal: abort.signal }).catch((cause: unknown) =>
    fail(malformed(undefined, cause)),
  )
  guard.stop()
  await Promise.all(work)
  if (fault !== undefined) throw fault
  return fields.sort((a, b) => a.order - b.order)
}

function startParser(request: Request) {
  try {
    return new Busboy({
      headers: { 'content-type': request.headers.get('content-type') ?? '' },
      // Fields are taken as bytes too: the parser would silently mend text that is not proper UTF-8.
      isPartAFile: () => true,
      limits: { parts: MAX_PARTS, headerPairs: 20, headerSize: 8 * 1024 },
    })
  } catch (cause) {
    throw malformed('Its boundary is missing.', cause)
  }
}

async function takeField(part: FilePart, takesFields: boolean, room: { bytes: number }): Promise<FieldPart> {
  if (!takesFields) {
    const message = 'is not a field: give a file a file name or a content type'
    throw new ProblemError('invalid_request', { errors: [{ path: `/${clip(part.name)}`, code: 'part', message }] })
  }
  const { name, fileName, contentType, order } = part
  const chunks: Buffer[] = []
  for await (const chunk of part.stream as AsyncIterable<Buffer>) {
    // All fields share the room, for all stay in memory.
    room.bytes -= chunk.length
    if (room.bytes < 0) throw tooLarge(LIMITS.bodyBytes)
    chunks.push(chunk)
  }
  return { name, fileName, contentType, order, bytes: Buffer.concat(chunks) }
}

/** Some mail libraries write a name as mail does (RFC 2047): `=?UTF-8?B?…?=`. What cannot be read stays as it is. */
const plainWords = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?([\w-]{1,30})\?([bq])\?([^?]*)\?=/gi, (word: string, charset: string, kind: string, data: string) => {
      const bytes =
        kind.toLowerCase() === 'b'
          ? Buffer.from(data, 'base64')
          : Buffer.from(
              data
                .replaceAll('_', ' ')
                .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
              'latin1',
            )
      try {
        return new TextDecoder(charset).decode(bytes)
      } catch {
        return word
      }
    })

const clip = (text: string): string => text.slice(0, 100)

const malformed = (detail?: string, cause?: unknown) => new ProblemError('malformed_multipart', { detail, cause })
