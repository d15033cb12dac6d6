/**
 * A file of this machine on its way to the server. It is sent as soon as it is chosen, so that it is there when the job is
 * sent; the input then names it by its id. `fetch` tells nothing of how much is sent, XMLHttpRequest does.
 */
import type { UploadedFile } from '@millrace/contracts'
import { signal } from '@preact/signals'
import { type CallError, CallError as Refused, toCallError } from '../../data/call.ts'
import type { GivenFile } from '../draft/draft.ts'

export type UploadState =
  | { kind: 'sending'; fraction: number }
  | { kind: 'kept'; id: string }
  | { kind: 'refused'; error: CallError }

export class FileUpload implements GivenFile {
  readonly isLocal = true
  readonly file: File
  readonly state = signal<UploadState>({ kind: 'sending', fraction: 0 })
  #request: XMLHttpRequest | undefined
  #preview: string | undefined

  constructor(file: File) {
    this.file = file
    this.start()
  }

  get name(): string {
    return this.file.name
  }

  get ref(): string | undefined {
    return this.state.value.kind === 'kept' ? this.state.value.id : undefined
  }

  /** The address of the file in this page, for a picture of it. */
  get preview(): string {
    return (this.#preview ??= URL.createObjectURL(this.file))
  }

  /** Sends it, or sends it again. */
  start(): void {
    this.#request?.abort()
    const request = new XMLHttpRequest()
    this.#request = request
    this.state.value = { kind: 'sending', fraction: 0 }
    request.open('POST', 'v1/files')
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      if (this.#request === request) this.state.value = { kind: 'sending', fraction: total > 0 ? loaded / total : 0 }
    })
    request.addEventListener('load', () => void this.#end(request))
    request.addEventListener('error', () => {
      this.state.value = { kind: 'refused', error: new Refused('unreachable', 0) }
    })
    const form = new FormData()
    form.append('file', this.file, this.file.name)
    request.send(form)
  }

  /** The form does not need it any more. */
  drop(): void {
    this.#request?.abort()
    if (this.#preview !== undefined) URL.revokeObjectURL(this.#preview)
    this.#preview = undefined
  }

  async #end(request: XMLHttpRequest): Promise<void> {
    if (request.status === 201) {
      const kept = JSON.parse(request.responseText) as UploadedFile
      this.state.value = { kind: 'kept', id: kept.id }
      return
    }
    const headers = { 'content-type': request.getResponseHeader('content-type') ?? '' }
    this.state.value = {
      kind: 'refused',
      error: await toCallError(new Response(request.responseText, { status: request.status, headers })),
    }
  }
}
