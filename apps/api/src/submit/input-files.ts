/** The files of one submit, until its job holds them. It remembers all, so that all can be let go of. Made by submitJob. */
import {
  fileIdOf,
  inputPrefix,
  isStored,
  type JobId,
  jobOfFileId,
  jobPrefix,
  type LinkedFile,
  type StoredFile,
  safeFileName,
  type UploadId,
  acceptsMediaType,
} from '@millrace/contracts'
import { type FileStore, type JobReader, newObjectName } from '@millrace/queue'
import {
  type BlobRegister,
  dropHold,
  FileRefusedError,
  type ObjectEraser,
  type ObjectReader,
  type ObjectWriter,
  storeBlob,
} from '@millrace/storage'
import type { Readable } from 'node:stream'
import { mayUseJob, type Principal } from '../http/access/principal.ts'
import { tooLarge } from '../http/body/read-body.ts'
import { faultyFile } from '../input/invalid-input.ts'

/** If putting a small value takes longer, the store counts as away. Milliseconds. */
const SMALL_MS = 30_000

export interface InputFilesDeps {
  objects: ObjectReader & ObjectWriter & ObjectEraser
  files: FileStore
  jobs: Pick<JobReader, 'get'>
  config: { maxImagePixels: number }
}

export interface FileToStore {
  /** Its place in the input. */
  pointer: string
  name: string | undefined
  contentType: string
  body: Readable | Buffer
  signal?: AbortSignal
}

export class InputFiles {
  readonly #deps: InputFilesDeps
  readonly #principal: Principal
  readonly #tenant: string
  readonly #id: JobId
  readonly #register: BlobRegister
  readonly #hashes = new Set<string>()
  readonly #uploads: { id: UploadId; pointer: string; index: number }[] = []
  #count = 0
  #hasInput = false
  /** The job may hold something: a call that says so was made, whether or not its answer came. */
  #mayHold = false

  constructor(deps: InputFilesDeps, principal: Principal, id: JobId) {
    const { tenant } = principal
    this.#principal = principal
    this.#deps = deps
    this.#tenant = tenant
    this.#id = id
    this.#register = {
      tenant,
      keep: (blob) => deps.files.keep(tenant, id, blob),
      deleted: (keys) => deps.files.deleted(tenant, keys),
    }
  }

  /** Writes the bytes as they come. Rejects with StorageError, and with ProblemError for a file that is refused. */
  async store({ pointer, name, contentType, body, signal }: FileToStore): Promise<StoredFile> {
    const index = this.#count++
    this.#mayHold = true
    try {
      const stored = await storeBlob(this.#deps.objects, this.#register, {
        object: newObjectName(),
        body,
        rules: { contentType, maxPixels: this.#deps.config.maxImagePixels },
        signal: signal ?? AbortSignal.timeout(SMALL_MS),
      })
      this.#hashes.add(stored.sha256)
      const { key, size, sha256 } = stored
      const safe = safeFileName(name ?? '', `file-${index}`)
      return { ...this.#place(pointer, index), key, name: safe, content_type: stored.contentType, size, sha256 }
    } catch (error) {
      if (error instanceof FileRefusedError) throw faultyFile(pointer, error.message, error.code)
      throw error
    }
  }

  /** The bytes of one that was stored, and is a text after all. Throws ProblemError when there are more than that. */
  async load({ key, size }: StoredFile, mostBytes: number): Promise<Buffer> {
    if (size > mostBytes) throw tooLarge(mostBytes)
    const chunks: Buffer[] = []
    for await (const chunk of await this.#deps.objects.get(key)) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks)
  }

  /** A file that the worker fetches. */
  link(pointer: string, url: string, accept: string): LinkedFile {
    return { ...this.#place(pointer, this.#count++), url, accept }
  }

  /** A file that is there: one of a job, or an uploaded one, which `seal` will answer. Throws ProblemError. */
  async use(pointer: string, fileId: string, accept: string): Promise<StoredFile | undefined> {
    const jobId = jobOfFileId(fileId)
    if (jobId !== undefined) return this.#useFileOfJob(pointer, fileId, jobId, accept)
    const file = await this.#deps.files.get(fileId, { tenant: this.#tenant })
    if (!file) throw faultyFile(pointer, NO_FILE, 'file_not_found')
    if (file.status === 'announced') throw faultyFile(pointer, 'the upload of this file has not ended')
    checkType(pointer, accept, file.contentType)
    this.#uploads.push({ id: fileId, pointer, index: this.#count++ })
    return undefined
  }

  async #useFileOfJob(pointer: string, fileId: string, jobId: JobId, accept: string): Promise<StoredFile> {
    if (!mayUseJob(this.#principal, jobId)) throw faultyFile(pointer, NO_FILE, 'file_not_found')
    const found = await this.#deps.jobs.get(jobId, { tenant: this.#tenant })
    const known = found.outcome === 'found' ? found.record : undefined
    const files = [...(known?.input_files.filter(isStored) ?? []), ...(known?.output_files ?? [])]
    const file = files.find(({ id }) => id === fileId)
    if (!file) throw faultyFile(pointer, NO_FILE, 'file_not_found')
    checkType(pointer, accept, file.content_type)
    this.#mayHold = true
    const { sha256, size, name, content_type: contentType } = file
    const there = await this.#deps.files.adopt(this.#tenant, this.#id, { sha256, size })
    // An output is deleted with its job, so this job gets a copy.
    if (!there) return this.store({ pointer, name, contentType, body: await this.#deps.objects.get(file.key) })
    this.#hashes.add(sha256)
    return { ...this.#place(pointer, this.#count++), key: there.key, name, content_type: contentType, size, sha256 }
  }

  /** Puts an input too large for the record below the job's own prefix. */
  async storeInput(json: string): Promise<{ key: string; size: number; sha256: string }> {
    this.#hasInput = true
    const bytes = Buffer.from(json)
    const key = `${inputPrefix(this.#tenant, this.#id)}input.json`
    const signal = AbortSignal.timeout(SMALL_MS)
    const { size, sha256 } = await this.#deps.objects.put(key, bytes, { contentType: 'application/json', signal })
    return { key, size, sha256 }
  }

  /**
   * The last step before the submit: from now on the job holds all of it, whatever happens to the files elsewhere. Answers the
   * uploaded ones. Throws ProblemError, also when something was swept because the submit took too long.
   */
  async seal(): Promise<StoredFile[]> {
    if (this.#hashes.size === 0 && this.#uploads.length === 0) return []
    this.#mayHold = true
    const ids = this.#uploads.map(({ id }) => id)
    const held = await this.#deps.files.hold(this.#tenant, this.#id, [...this.#hashes], ids)
    if (held.outcome !== 'held') {
      const missing = held.outcome === 'missing' ? this.#uploads.find(({ id }) => id === held.file) : undefined
      throw faultyFile(missing?.pointer ?? '', missing ? NO_FILE : 'a file was deleted meanwhile: send it again')
    }
    return held.files.map(({ contentType, ...file }, i) => {
      const { pointer, index } = this.#uploads[i] as { pointer: string; index: number }
      return { ...this.#place(pointer, index), ...file, content_type: contentType }
    })
  }

  /** Lets go of everything. Call it when no `store` is in flight. What fails here is left to the sweeper. */
  async discard(): Promise<void> {
    const { objects, files } = this.#deps
    if (this.#hasInput) await objects.deletePrefix(jobPrefix(this.#tenant, this.#id))
    if (!this.#mayHold) return
    await dropHold({ objects, files }, this.#tenant, this.#id)
  }

  #place = (pointer: string, index: number) => ({ id: fileIdOf(this.#id, 'i', index), pointer })
}

const NO_FILE = 'there is no such file'

function checkType(pointer: string, accept: string, type: string): void {
  if (!acceptsMediaType(accept, type)) throw faultyFile(pointer, `expected ${accept}, got ${type}`)
}
