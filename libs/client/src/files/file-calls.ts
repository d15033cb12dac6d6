/** Calls about files that are uploaded before a job uses them. Part of the client as `client.files`. */
import { uploadBody } from '#upload-body'
import type { FileView, UploadedFile } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { ConnectionError } from '../client-errors.ts'
import type { Sender } from '../http/sender.ts'
import { toUpload, type Uploadable } from './upload.ts'

export interface FileCalls {
  /**
   * Uploads a file for any number of jobs. Put the result, or its id, into an input. The server deletes the file at
   * `kept_until` unless a job uses it. Same bytes are kept only once.
   */
  upload(file: Uploadable, options?: CallOptions): Promise<UploadedFile>
  /** The facts of an uploaded file or of a job's file, with a fresh signed address. */
  get(id: string, options?: CallOptions): Promise<UploadedFile | FileView>
  /** The bytes of any file, as a stream. The stream fails with ConnectionError when the connection breaks. */
  download(file: FileView | string, options?: CallOptions): Promise<ReadableStream<Uint8Array>>
  /** Deletes an uploaded file. Jobs that use it keep its bytes until they are purged. */
  delete(id: string, options?: CallOptions): Promise<void>
}

const WITHIN = 30_000
const pathOf = (id: string): string => `/v1/files/${encodeURIComponent(id)}`

/**
 * Makes the calls. `url` is the address of the server, for errors. `silenceMs` is the longest silence within a
 * download.
 */
export function fileCalls(sender: Sender, url: string, silenceMs: number): FileCalls {
  return {
    async upload(file, { signal, retries } = {}) {
      const body = await uploadBody({}, [{ pointer: 'file', upload: toUpload(file) }])
      return sender.json({ method: 'POST', path: '/v1/files', body, signal, retries })
    },
    get: (id, { signal, retries } = {}) => sender.json({ path: pathOf(id), signal, retries, withinMs: WITHIN }),
    // Asked for by id with the key. The signed address expires, and is meant for browsers.
    download: (file, { signal, retries } = {}) =>
      sender.send(
        {
          path: `${pathOf(typeof file === 'string' ? file : file.id)}/content`,
          headers: { accept: '*/*' },
          signal,
          retries,
          silenceMs,
        },
        async (response) => {
          const body = (response.body ?? new Response('').body) as ReadableStream<Uint8Array>
          return toldBody(body, { url, signal, size: typeof file === 'string' ? undefined : file.size })
        },
      ),
    delete: (id, { signal, retries } = {}) =>
      sender.send({ method: 'DELETE', path: pathOf(id), signal, retries, withinMs: WITHIN }, async () => undefined),
  }
}

interface ToldBody {
  url: string
  signal: AbortSignal | undefined
  /** Bytes of the file, if they are known. */
  size: number | undefined
}

/**
 * The same bytes, with a clear error when the connection breaks or when fewer bytes come than the file has. `fetch`
 * alone would only say that the body ended early, and nothing when a complete answer is not the complete file.
 */
function toldBody(body: ReadableStream<Uint8Array>, { url, signal, size }: ToldBody): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let bytes = 0
  return new ReadableStream(
    {
      async pull(to) {
        try {
          const { done, value } = await reader.read()
          bytes += done ? 0 : value.length
          if (size !== undefined && (done ? bytes !== size : bytes > size)) {
            throw new Error(`the file has ${size} bytes`)
          }
          if (done) return to.close()
          to.enqueue(value)
        } catch (cause) {
          to.error(
            signal?.aborted
              ? signal.reason
              : new ConnectionError(url, `the download broke after ${bytes} bytes`, { cause }),
          )
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
