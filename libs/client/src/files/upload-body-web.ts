/** Makes a multipart body in browsers. They stream blobs by themselves, but not all of them can stream a request. */
import type { RequestBody } from '../http/request-body.ts'
import type { FileData, PlacedUpload } from './upload.ts'

/**
 * The body of a submit or upload. Streams are first collected into blobs. Rejects with TypeError for a file given by
 * path.
 */
export async function uploadBody(fields: Record<string, string>, uploads: PlacedUpload[]): Promise<RequestBody> {
  const form = new FormData()
  for (const [name, text] of Object.entries(fields)) form.append(name, text)
  for (const { pointer, upload } of uploads) {
    if ('path' in upload.source) throw new TypeError('fileAt() works in Node only: pass the File itself')
    form.append(pointer, await toBlob(upload.source, upload.contentType), upload.name)
  }
  return { replayable: true, open: async () => ({ body: form }) }
}

async function toBlob(data: FileData, type: string): Promise<Blob> {
  if (data instanceof Blob) return data.type === type ? data : data.slice(0, data.size, type)
  const chunks: BlobPart[] = []
  if (data instanceof Uint8Array) chunks.push(data as BlobPart)
  else if (data instanceof ReadableStream) chunks.push(await new Response(data).blob())
  else for await (const chunk of data) chunks.push(chunk as BlobPart)
  return new Blob(chunks, { type })
}

type BlobPart = ConstructorParameters<typeof Blob>[0] extends (infer Part)[] | undefined ? Part : never
