/**
 * The input and output of a job as clients of dialects read them: values, with an address in the place of each file that works
 * without headers. Called by the routes of dialects.
 */
import { text as textOf } from 'node:stream/consumers'
import { type FileView, type InputFile, type JobRecord, type JsonValue, type StoredFile } from '@millrace/contracts'
import { type ShownFile, showValue, WHOLE_OUTPUT } from '@millrace/dialects'
import { type ObjectReader, StorageError } from '@millrace/storage'

import { fileView } from '../views/job-view.ts'
import type { FileSigner } from '@millrace/webhooks'

interface ValueDeps {
  objects: Pick<ObjectReader, 'get'>
  signer: FileSigner
}

/** What stands in the place of a file. Default: its address. */
export type ShowFile = (view: FileView, file: StoredFile) => unknown
/** What stands in the place of an output that is too large to be read into memory. Default: its address. */
export type ShowWhole = (view: ShownFile) => unknown

const urlOf = ({ url }: ShownFile): string => url

/** A value above this is not read into memory. Bytes. */
const MOST_BYTES = 16 * 1024 * 1024

export class JobValues {
  readonly #deps: ValueDeps

  constructor(deps: ValueDeps) {
    this.#deps = deps
  }

  /** Secrets in it are masked, and one that is too large is null. `base`: how addresses begin. */
  input({ input, input_files }: JobRecord, base: string, show?: ShowFile): Promise<unknown> {
    return this.#value(input, input_files, { base, show })
  }

  /** Null while there is none. */
  output(
    { id, output, output_files }: JobRecord,
    base: string,
    show?: ShowFile,
    showWhole: ShowWhole = urlOf,
  ): Promise<unknown> {
    const whole = async (size: number) =>
      showWhole({ ...WHOLE_OUTPUT, size, url: `${base}${await this.#deps.signer.outputPath(id)}` })
    return this.#value(output, output_files, { base, show, whole })
  }

  #value(
    value: JsonValue | null,
    files: readonly InputFile[],
    { base, show = urlOf, whole }: { base: string; show?: ShowFile; whole?: (size: number) => Promise<unknown> },
  ): Promise<unknown> {
    return showValue(value, files, {
      most: MOST_BYTES,
      read: (stored) => this.#stored(stored.key),
      show: async (file) => show(await fileView(file, { signer: this.#deps.signer, base }), file),
      whole,
    })
  }

  /** Undefined: it was purged meanwhile. */
  async #stored(key: string): Promise<string | undefined> {
    try {
      return await textOf(await this.#deps.objects.get(key))
    } catch (error) {
      if (error instanceof StorageError && error.fault === 'missing') return undefined
      throw error
    }
  }
}
