/**
 * Files in an input. Plain data never names a path: only `fileAt` does, so an input that came from someone else cannot
 * name a file of this machine.
 */

import type { FileView } from '@millrace/contracts'

/** Bytes to send: complete, or as a stream. A stream can be read only once, so such a submit is not repeated. */
export type FileData = Blob | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>

/** What can be uploaded. A `File` keeps its name and type. */
export type Uploadable = FileData | Upload

/**
 * What can stand at the place of a file in an input: bytes, a file that the server has (uploaded, or of another job),
 * or an address that the server fetches.
 */
export type FileInput = Uploadable | FileView | URL

interface UploadFacts {
  /** Default: the name of the `File`, otherwise `file`. */
  name?: string
  /** Default: the type of the `File`; otherwise the server takes it from the name. */
  contentType?: string
}

/** Data to upload, with its name and type. Made by `fileAt` and `fileFrom`. */
export class Upload {
  readonly source: FileData | { path: string }
  readonly name: string
  readonly contentType: string

  constructor(source: FileData | { path: string }, facts: UploadFacts = {}) {
    this.source = source
    this.name = facts.name ?? nameOf(source) ?? 'file'
    this.contentType = facts.contentType || (source instanceof Blob && source.type) || 'application/octet-stream'
  }
}

/** A file of this machine, read while it is sent. Node only: in a browser the submit rejects with TypeError. */
export const fileAt = (path: string, facts?: UploadFacts): Upload => new Upload({ path }, facts)

/** Bytes or a stream, with a name and a type. */
export const fileFrom = (data: FileData, facts?: UploadFacts): Upload => new Upload(data, facts)

function nameOf(source: FileData | { path: string }): string | undefined {
  const name = 'path' in source ? source.path.split(/[/\\]/).at(-1) : 'name' in source ? source.name : undefined
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** A file and its place in the input. */
export interface PlacedUpload {
  /** JSON pointer, such as /image or /pages/0. */
  pointer: string
  upload: Upload
}

/**
 * Takes the files out of an input. In their places it puts null, or the id of a file that the server has, or the text
 * of an address. The given input is not changed.
 */
export function splitUploads(input: unknown): { value: unknown; uploads: PlacedUpload[] } {
  const uploads: PlacedUpload[] = []
  const walk = (value: unknown, pointer: string): unknown => {
    if (isUploadable(value)) {
      uploads.push({ pointer, upload: toUpload(value) })
      return null
    }
    if (value instanceof URL) return value.href
    if (isFile(value)) return value.id
    if (Array.isArray(value)) return value.map((item, index) => walk(item, `${pointer}/${index}`))
    if (!isPlain(value)) return value
    const entries = Object.entries(value).map(([key, item]) => [key, walk(item, `${pointer}/${escapeKey(key)}`)])
    return Object.fromEntries(entries)
  }
  return { value: walk(input, ''), uploads }
}

export const toUpload = (value: Uploadable): Upload => (value instanceof Upload ? value : new Upload(value))

const isUploadable = (value: unknown): value is Uploadable => value instanceof Upload || isFileData(value)

/** True for a file that the server has: an uploaded one, or one of a job. */
const isFile = (value: unknown): value is FileView =>
  isPlain(value) && value.object === 'file' && typeof value.id === 'string' && value.id.startsWith('file_')

const isFileData = (value: unknown): value is FileData =>
  value instanceof Blob ||
  value instanceof Uint8Array ||
  value instanceof ReadableStream ||
  (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
