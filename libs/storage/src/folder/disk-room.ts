/**
 * Keeps some room free on the disk of a folder store. A full disk would stop a Redis that writes beside it, and all else that
 * needs that disk. Called by FolderStore.
 */
import { statfs } from 'node:fs/promises'
import { StorageError } from '../port/storage-error.ts'

/** Written between two looks. Bytes. */
const STEP_BYTES = 16 * 1024 * 1024
const GIB = 1024 ** 3

export class DiskRoom {
  readonly #folder: string
  readonly #floorBytes: number | undefined
  #sinceLook = 0

  /** `floorBytes`: what must stay free. Default: 1 GiB, but at most a twentieth of the disk. */
  constructor(folder: string, floorBytes: number | undefined) {
    this.#folder = folder
    this.#floorBytes = floorBytes
  }

  /** Rejects with StorageError `full` when so many more bytes would not leave enough. */
  async take(bytes: number): Promise<void> {
    const { bavail, blocks, bsize } = await statfs(this.#folder)
    const floor = this.#floorBytes ?? Math.min(GIB, (blocks * bsize) / 20)
    if (bavail * bsize - bytes < floor) {
      throw new StorageError('full', `the disk has too little room: ${Math.ceil(floor)} bytes are kept free`)
    }
  }

  /** The same, now and then, for bytes whose number nobody said beforehand. */
  async took(bytes: number): Promise<void> {
    this.#sinceLook += bytes
    if (this.#sinceLook < STEP_BYTES) return
    this.#sinceLook = 0
    await this.take(0)
  }
}
