/** Makes a multipart body in Node. Each part is written while it is sent, so a file of any size needs no memory. */
import { createReadStream } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { BodyInit, RequestBody } from '../http/request-body.ts'
import type { FileData, PlacedUpload, Upload } from './upload.ts'

/** The body of a submit or upload. `open` rejects with the system's error when a file given by path cannot be read. */
export async function uploadBody(fields: Record<string, string>, uploads: PlacedUpload[]): Promise<RequestBody> {
  const boundary = `millrace-${crypto.randomUUID()}`
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  return {
    replayable: uploads.every(({ upload }) => isReplayable(upload.source)),
    async open() {
      for (const { upload } of uploads) if ('path' in upload.source) await access(upload.source.path, constants.R_OK)
      const stream = Readable.from(write(boundary, fields, uploads), { objectMode: false })
      return { body: Readable.toWeb(stream) as unknown as BodyInit, headers, duplex: 'half' }
    },
  }
}

const isReplayable = (source: Upload['source']): boolean =>
  'path' in source || source instanceof Blob || source instanceof Uint8Array

async function* write(
  boundary: string,
  fields: Record<string, string>,
  uploads: PlacedUpload[],
): AsyncGenerator<Uint8Array> {
  const head = (disposition: string, ...more: string[]): Buffer =>
    Buffer.from([`--${boundary}`, `Content-Disposition: form-data; ${disposition}`, ...more, '', ''].join('\r\n'))
  for (const [name, text] of Object.entries(fields)) {
    yield head(`name="${quote(name)}"`)
    yield Buffer.from(`${text}\r\n`)
  }
  for (const { pointer, upload } of uploads) {
    const type = `Content-Type: ${upload.contentType.replaceAll(/[\r\n]/g, ' ')}`
    yield head(`name="${quote(pointer)}"; filename="${quote(upload.name)}"`, type)
    yield* bytesOf(upload.source)
    yield Buffer.from('\r\n')
  }
  yield Buffer.from(`--${boundary}--\r\n`)
}

/** Writes names in a multipart header as browsers do. */
const quote = (name: string): string => name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

function bytesOf(source: Upload['source']): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if ('path' in source) return createReadStream(source.path)
  if (source instanceof Uint8Array) return [source]
  const data: Exclude<FileData, Uint8Array> = source
  return data instanceof Blob ? data.stream() : (data as AsyncIterable<Uint8Array>)
}
