/**
 * Keeps some room free on the disk of a folder store. A full disk would stop a Redis on the same disk, and everything else
 * that needs it. Called by FolderStore.
 */
import { statfs } from 'node:fs/promises'
import { StorageError } from '../port/storage-error.ts'

/** So many bytes are written between two looks at the disk. */
const STEP_BYTES = 16 * 1024 * 1024
const GIB = 1024 ** 3

export class DiskRoom {
  readonly #folder: string
  readonly #floorBytes: number | undefined
  #sinceLook = 0

  /** `floorBytes`: the room that must stay free. Default: 1 GiB, but at most a twentieth of the disk. */
  constructor(folder: string, floorBytes: number | undefined) {
    this.#folder = folder
    this.#floorBytes = floorBytes
  }

  /** Rejects with StorageError `full` when so many more bytes would not leave enough room. */
  async take(bytes: number): Promise<void> {
    const { bavail, blocks, bsize } = await statfs(this.#folder)
    const floor = this.#floorBytes ?? Math.min(GIB, (blocks * bsize) / 20)
    if (bavail * bsize - bytes < floor) {
      throw new StorageError('full', `the disk has too little room: ${Math.ceil(floor)} bytes are kept free`)
    }
  }

  /** The same for bytes whose number was not known beforehand. It looks only now and then. */
  async took(bytes: number): Promise<void> {
    this.#sinceLook += bytes
    if (this.#sinceLook < STEP_BYTES) return
    this.#sinceLook = 0
    await this.take(0)
  }
}
