/**
 * Files that several jobs take come from the object store once: the first attempt's own file gets a second name, from which later ones
 * are copied. A model may have changed its file, which is the same bytes by either name; so a copy is checked as a download is, and what
 * does not match is fetched anew. Keys of objects hold the tenant, so no tenant is given another's. One per worker, in its work folders.
 */
import { createReadStream } from 'node:fs'
import { link, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { unlessAborted } from '@millrace/async'
import type { StoredValue } from '@millrace/contracts'
import { copyToFile } from './copy-checked.ts'

export interface InputCacheOptions {
  /** Bytes that are kept, and of one file. Default: 512 MiB and 128 MiB; they may lie in memory. */
  inAll?: number
  each?: number
  /** So long after its last use a file is kept, for its job may have been erased. Milliseconds; default 10 minutes. */
  keepMs?: number
}

interface Kept {
  readonly size: number
  /** Its second name; undefined when it could not be had. */
  readonly file: Promise<string | undefined>
  readonly drop: () => void
  timer: NodeJS.Timeout | undefined
}

export class InputCache {
  readonly #inAll: number
  readonly #each: number
  readonly #keepMs: number
  /** By the key of the object, the one that was used last at the end. */
  readonly #kept = new Map<string, Kept>()
  #bytes = 0
  #names = 0

  constructor({ inAll = 512 * 1024 ** 2, each = 128 * 1024 ** 2, keepMs = 600_000 }: InputCacheOptions = {}) {
    this.#inAll = inAll
    this.#each = Math.min(each, inAll)
    this.#keepMs = keepMs
  }

  /** Brings the object to `path`, where nothing is: as a copy of one that is here, or by `download`. Rejects as that does. */
  async bring(stored: StoredValue, path: string, download: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const before = this.#kept.get(stored.key)
    if (before && (await this.#copied(before, stored, path, signal))) return
    if (stored.size > this.#each || this.#kept.has(stored.key)) return download()
    let tell: (file: string | undefined) => void = () => undefined
    const kept = this.#keep(stored, new Promise((resolve) => (tell = resolve)))
    try {
      await download()
      tell(await this.#name(path))
    } catch (error) {
      tell(undefined)
      kept.drop()
      throw error
    }
  }

  /** False: it is not here any more, or is not what it was. */
  async #copied(kept: Kept, stored: StoredValue, path: string, signal: AbortSignal): Promise<boolean> {
    const file = await unlessAborted(kept.file, signal)
    if (file === undefined) return false
    this.#use(stored.key, kept)
    try {
      const own = { get: async () => createReadStream(file) }
      await copyToFile(own, stored, path, signal)
      return true
    } catch {
      signal.throwIfAborted()
      kept.drop()
      await rm(path, { force: true })
      return false
    }
  }

  #keep({ key, size }: StoredValue, file: Kept['file']): Kept {
    const drop = () => {
      if (this.#kept.get(key) !== kept) return
      this.#kept.delete(key)
      this.#bytes -= size
      clearTimeout(kept.timer)
      void file.then((name) => (name === undefined ? undefined : rm(name, { force: true }).catch(() => undefined)))
    }
    const kept: Kept = { size, file, drop, timer: undefined }
    this.#bytes += size
    this.#use(key, kept)
    for (const oldest of this.#kept.values()) {
      if (this.#bytes <= this.#inAll) break
      oldest.drop()
    }
    return kept
  }

  #use(key: string, kept: Kept): void {
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    clearTimeout(kept.timer)
    kept.timer = setTimeout(kept.drop, this.#keepMs).unref()
  }

  /** Beside the folders of the attempts, on the same file system. Undefined where a file can't have two names. */
  async #name(path: string): Promise<string | undefined> {
    const folder = join(dirname(dirname(dirname(path))), 'inputs')
    const name = join(folder, String(++this.#names))
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await link(path, name)
      return name
    } catch {
      return undefined
    }
  }
}
