/** The files of one submit on their way into the object store, so that all of them can be taken back. */
import { fileIdOf, inputPrefix, type JobId, jobPrefix, type StoredFile, safeFileName } from '@millrace/contracts'
import type { ObjectStore } from '@millrace/storage'
import type { Readable } from 'node:stream'

/** A small value is put within this, or the store counts as away. Milliseconds. */
const SMALL_MS = 30_000

export interface FileToStore {
  /** Its place in the input. */
  pointer: string
  name: string | undefined
  contentType: string
  body: Readable | Buffer
  signal?: AbortSignal
}

export class InputFiles {
  readonly #objects: ObjectStore
  readonly #tenant: string
  readonly #id: JobId
  #count = 0
  #used = false

  constructor(objects: ObjectStore, tenant: string, id: JobId) {
    this.#objects = objects
    this.#tenant = tenant
    this.#id = id
  }

  /** Writes the bytes as they come. Rejects with StorageError. */
  async store(file: FileToStore): Promise<StoredFile> {
    const index = this.#count++
    this.#used = true
    const name = safeFileName(file.name ?? '', `file-${index}`)
    const key = `${inputPrefix(this.#tenant, this.#id)}${index}-${name}`
    const signal = file.signal ?? AbortSignal.timeout(SMALL_MS)
    const info = await this.#objects.put(key, file.body, { contentType: file.contentType, signal })
    return {
      id: fileIdOf(this.#id, 'i', index),
      key,
      pointer: file.pointer,
      name,
      content_type: file.contentType,
      size: info.size,
      sha256: info.sha256,
    }
  }

  /** Puts an input too large for the record beside its files. */
  async storeInput(json: string): Promise<{ key: string; size: number; sha256: string }> {
    this.#used = true
    const bytes = Buffer.from(json)
    const key = `${inputPrefix(this.#tenant, this.#id)}input.json`
    const signal = AbortSignal.timeout(SMALL_MS)
    const { size, sha256 } = await this.#objects.put(key, bytes, { contentType: 'application/json', signal })
    return { key, size, sha256 }
  }

  /** Deletes what was stored. Call it when no `store` is in flight. What it fails to delete is left to the sweeper. */
  async discard(): Promise<void> {
    if (!this.#used) return
    await this.#objects.deletePrefix(jobPrefix(this.#tenant, this.#id))
  }
}
