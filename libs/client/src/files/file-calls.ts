/** Calls about files that are uploaded before a job uses them. Part of the client: `client.files`. */
import { uploadBody } from '#upload-body'
import type { FileView, UploadedFile } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { ConnectionError } from '../client-errors.ts'
import type { Sender } from '../http/sender.ts'
import { toUpload, type Uploadable } from './upload.ts'

export interface FileCalls {
  /**
   * Uploads a file, to be given to any number of jobs: put what this resolves with, or its id, into an input. The server
   * deletes it after a while (`kept_until`) unless a job uses it. The same bytes are kept once.
   */
  upload(file: Uploadable, options?: CallOptions): Promise<UploadedFile>
  /** What is known of a file, with a fresh signed address: of an uploaded one, or of one of a job. */
  get(id: string, options?: CallOptions): Promise<UploadedFile | FileView>
  /** The bytes of any file, as they come. The stream fails with ConnectionError when the connection breaks. */
  download(file: FileView | string, options?: CallOptions): Promise<ReadableStream<Uint8Array>>
  /** Deletes an uploaded file. Jobs that use it keep its bytes until they are deleted themselves. */
  delete(id: string, options?: CallOptions): Promise<void>
}

const WITHIN = 30_000
const pathOf = (id: string): string => `/v1/files/${encodeURIComponent(id)}`

/** `url` is the server's, as errors name it. `silenceMs`: the longest silence within a download. */
export function fileCalls(sender: Sender, url: string, silenceMs: number): FileCalls {
  return {
    async upload(file, { signal, retries } = {}) {
      const body = await uploadBody({}, [{ pointer: 'file', upload: toUpload(file) }])
      return sender.json({ method: 'POST', path: '/v1/files', body, signal, retries })
    },
    get: (id, { signal, retries } = {}) => sender.json({ path: pathOf(id), signal, retries, withinMs: WITHIN }),
    // By id and key rather than by the signed address, which ages and is made for a browser's eyes.
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
  /** Bytes of the file, where they are known. */
  size: number | undefined
}

/**
 * The same bytes; `fetch` itself says only that they ended too early, and nothing of an answer that is whole but not the
 * whole file.
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
