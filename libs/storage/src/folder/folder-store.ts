/**
 * The object store as a folder on one disk. It is the embedded default, and tests use it. After a put an object is durable
 * and whole, or it does not exist: bytes go to a temp file, are synced, and are then linked into place in one step that
 * never replaces a file.
 */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, link, mkdir, open, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { BodyCheck, putErrorOf } from '../rules/body-check.ts'
import { byteRange } from '../rules/byte-range.ts'
import { safeContentType } from '../rules/safe-content-type.ts'
import { DiskRoom } from './disk-room.ts'
import { entryOf } from './entry-of.ts'
import { encodeFooter, type Footer, readFooter } from './folder-footer.ts'
import {
  codeOf,
  deleteEmpty,
  deleteFolder,
  filesBelow,
  filesUnwrittenSince,
  folderOf,
  isAbsent,
  isRealFolder,
  leavesRoot,
  makeFolder,
  pathOf,
  syncFolder,
  unlinkOnce,
} from './folder-tree.ts'
import { deletablePrefix, objectKey, objectPrefix, RESERVED } from '../rules/object-key.ts'
import type { ByteRange, ObjectEntry, ObjectInfo } from '../port/object-info.ts'
import type { ObjectStore, PutOptions } from '../port/object-store.ts'
import { StorageError } from '../port/storage-error.ts'
import { readThrough } from '../rules/read-through.ts'

const DAY_MS = 86_400_000
/** How often a put makes its folder again when a deletePrefix deletes it at the same moment. */
const LINK_TRIES = 5

export class FolderStore implements ObjectStore {
  readonly #root: string
  readonly #temp: string
  readonly #minFreeBytes: number | undefined

  private constructor(root: string, minFreeBytes: number | undefined) {
    this.#root = root
    this.#minFreeBytes = minFreeBytes
    this.#temp = join(root, RESERVED, 'tmp')
  }

  /**
   * Opens the store in a folder, made when missing, and deletes temp files that a killed process left more than a day
   * ago. `minFreeBytes`: see DiskRoom. Rejects with StorageError `unavailable` when the folder cannot be used.
   */
  static async open(root: string, { minFreeBytes }: { minFreeBytes?: number } = {}): Promise<FolderStore> {
    return guarded(async () => {
      await mkdir(root, { recursive: true })
      const store = new FolderStore(await realpath(root), minFreeBytes)
      await makeFolder(store.#root, store.#temp)
      await store.abortAbandoned(DAY_MS)
      return store
    })
  }

  async put(key: string, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo> {
    try {
      return await this.#put(objectKey(key), body, options)
    } catch (error) {
      if (!Buffer.isBuffer(body)) body.destroy()
      throw putErrorOf(error, options.signal, storageErrorOf)
    }
  }

  async #put(key: string, body: Readable | Buffer, options: PutOptions): Promise<ObjectInfo> {
    options.signal?.throwIfAborted()
    const temp = join(this.#temp, randomUUID())
    const check = new BodyCheck(options)
    const contentType = safeContentType(options.contentType)
    const room = options.fromReserve ? undefined : new DiskRoom(this.#temp, this.#minFreeBytes)
    await room?.take(options.size ?? 0)
    try {
      const file = await open(temp, 'wx', 0o640)
      try {
        for await (const chunk of check.read(body)) {
          await file.writeFile(chunk)
          await room?.took(chunk.length)
        }
        await file.writeFile(encodeFooter({ contentType, sha256: check.sha256 }))
        await file.sync()
      } finally {
        await file.close()
      }
      options.signal?.throwIfAborted()
      await this.#linkOnce(temp, pathOf(this.#root, key))
    } finally {
      await unlinkOnce(temp)
    }
    return { key, size: check.size, contentType, sha256: check.sha256 }
  }

  async #linkOnce(temp: string, path: string): Promise<void> {
    const folder = dirname(path)
    for (let tries = 1; ; tries += 1) {
      try {
        await makeFolder(this.#root, folder)
        await link(temp, path)
        return await syncFolder(folder)
      } catch (error) {
        if (codeOf(error) === 'EEXIST') throw new StorageError('exists', 'the object exists')
        if (!isAbsent(error)) throw error
        if (tries === LINK_TRIES)
          throw new StorageError('unavailable', 'the bytes were taken away before they were whole')
      }
    }
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    return guarded(async () => {
      const { file, size } = await this.#open(objectKey(key))
      try {
        const { start, end } = range ? byteRange(range, size) : { start: 0, end: size - 1 }
        if (size > 0) return readThrough(file.createReadStream({ start, end }), end - start + 1, storageErrorOf)
        await file.close()
        return Readable.from([])
      } catch (error) {
        await file.close()
        throw error
      }
    })
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return guarded(async () => {
      try {
        const { file, ...facts } = await this.#open(objectKey(key))
        await file.close()
        return { key, ...facts }
      } catch (error) {
        if (error instanceof StorageError && error.fault === 'missing') return undefined
        throw error
      }
    })
  }

  async deletePrefix(prefix: string): Promise<number> {
    return guarded(async () => {
      const folder = folderOf(this.#root, deletablePrefix(prefix))
      return (await isRealFolder(folder)) ? deleteFolder(folder) : 0
    })
  }

  async delete(key: string): Promise<void> {
    await guarded(async () => {
      const path = pathOf(this.#root, objectKey(key))
      const folder = dirname(path)
      if (!(await isRealFolder(folder)) || !(await unlinkOnce(path))) return
      if (folder !== this.#root) await deleteEmpty(folder)
    })
  }

  async *list(prefix: string): AsyncGenerator<string> {
    for await (const { key } of this.#files(prefix)) yield key
  }

  async *listEntries(prefix: string): AsyncGenerator<ObjectEntry> {
    for await (const { key, path } of this.#files(prefix)) {
      const facts = await guarded(() => entryOf(path))
      if (facts) yield { key, ...facts }
    }
  }

  async *#files(prefix: string): AsyncGenerator<{ key: string; path: string }> {
    const folder = folderOf(this.#root, objectPrefix(prefix))
    try {
      if (await isRealFolder(folder)) yield* filesBelow(this.#root, prefix)
    } catch (error) {
      throw storageErrorOf(error)
    }
  }

  /** Deletes temp files of writers that were killed. A writer that lives still writes to its file, so that file is newer. */
  async abortAbandoned(olderThanMs: number): Promise<number> {
    return guarded(async () => {
      let deleted = 0
      for await (const { path } of filesUnwrittenSince(this.#temp, Date.now() - olderThanMs)) {
        if (await unlinkOnce(path)) deleted += 1
      }
      return deleted
    })
  }

  async abortPrefix(): Promise<number> {
    return 0
  }

  async close(): Promise<void> {}

  async #open(key: string): Promise<{ file: FileHandle; size: number } & Footer> {
    const path = pathOf(this.#root, key)
    // Checked first, because O_NOFOLLOW only protects the last part of a path.
    if (!(await isRealFolder(dirname(path)))) throw missing()
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
      throw storageErrorOf(error)
    })
    try {
      return { file, ...(await readFooter(file)) }
    } catch (error) {
      await file.close()
      throw error
    }
  }
}

async function guarded<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw storageErrorOf(error)
  }
}

function storageErrorOf(error: unknown): StorageError {
  if (error instanceof StorageError) return error
  if (isAbsent(error)) return missing(error)
  if (codeOf(error) === 'ELOOP') return leavesRoot()
  if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') {
    return new StorageError('full', 'the disk has no room', { cause: error })
  }
  return new StorageError('unavailable', `the disk refused (${codeOf(error) ?? 'unknown'})`, { cause: error })
}

const missing = (cause?: unknown) => new StorageError('missing', 'there is no such object', { cause })
