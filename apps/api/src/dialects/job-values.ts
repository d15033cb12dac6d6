/**
 * The input and output of a job as clients of dialects read them: values, with an address in the place of each file that works
 * without headers. Called by the routes of dialects.
 */
import { text as textOf } from 'node:stream/consumers'
import { type FileView, type InputFile, type JobRecord, type JsonValue, type StoredFile } from '@millrace/contracts'
import { showValue } from '@millrace/dialects'
import { type ObjectReader, StorageError } from '@millrace/storage'

import { fileView } from '../views/job-view.ts'
import type { FileSigner } from '@millrace/webhooks'

interface ValueDeps {
  objects: Pick<ObjectReader, 'get'>
  signer: FileSigner
}

/** What stands in the place of a file. Default: its address. */
export type ShowFile = (view: FileView, file: StoredFile) => unknown

/** A value above this is not read into memory. Bytes. */
const MOST_BYTES = 16 * 1024 * 1024

export class JobValues {
  readonly #deps: ValueDeps

  constructor(deps: ValueDeps) {
    this.#deps = deps
  }

  /** Secrets in it are masked. `base`: how addresses begin. */
  input({ input, input_files }: JobRecord, base: string, show?: ShowFile): Promise<unknown> {
    return this.#value(input, input_files, base, show)
  }

  /** Null while there is none. */
  output({ output, output_files }: JobRecord, base: string, show?: ShowFile): Promise<unknown> {
    return this.#value(output, output_files, base, show)
  }

  #value(value: JsonValue | null, files: readonly InputFile[], base: string, show: ShowFile = ({ url }) => url) {
    return showValue(value, files, {
      read: (stored) => this.#stored(stored),
      show: async (file) => show(await fileView(file, { signer: this.#deps.signer, base }), file),
    })
  }

  async #stored({ key, size }: { key: string; size: number }): Promise<string | undefined> {
    if (size > MOST_BYTES) return undefined
    try {
      return await textOf(await this.#deps.objects.get(key))
    } catch (error) {
      // It was purged meanwhile.
      if (error instanceof StorageError && error.fault === 'missing') return undefined
      throw error
    }
  }
}
