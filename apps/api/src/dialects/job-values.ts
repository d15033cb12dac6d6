/**
 * The input and output of a job as clients of dialects read them: values, with an address in the place of each file that works
 * without headers. Called by the routes of dialects.
 */
import { text as textOf } from 'node:stream/consumers'
import { type FileView, type InputFile, type JobRecord, type JsonValue, replaceAt } from '@millrace/contracts'
import { type ObjectReader, StorageError } from '@millrace/storage'

import { inputView, MASK } from '../views/job-view.ts'
import type { FileSigner } from '../views/file-signer.ts'

interface ValueDeps {
  objects: Pick<ObjectReader, 'get'>
  signer: FileSigner
}

/** What stands in the place of a file. Default: its address. */
export type ShowFile = (file: FileView) => unknown

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

  async #value(value: JsonValue | null, files: readonly InputFile[], base: string, show: ShowFile = ({ url }) => url) {
    if (value === null) return null
    const text = 'inline' in value ? value.inline : await this.#stored(value.stored)
    // In an object of its own, so that the whole value may be a file.
    const holder: { value: unknown } = { value: JSON.parse(text) }
    if ('inline' in value) for (const pointer of value.secrets ?? []) replaceAt(holder, `/value${pointer}`, MASK)
    for (const file of files) {
      const view = await inputView(file, { signer: this.#deps.signer, base })
      replaceAt(holder, `/value${file.pointer}`, typeof view === 'string' ? view : show(view))
    }
    return holder.value
  }

  async #stored({ key, size }: { key: string; size: number }): Promise<string> {
    if (size > MOST_BYTES) return 'null'
    try {
      return await textOf(await this.#deps.objects.get(key))
    } catch (error) {
      // It was purged meanwhile.
      if (error instanceof StorageError && error.fault === 'missing') return 'null'
      throw error
    }
  }
}
