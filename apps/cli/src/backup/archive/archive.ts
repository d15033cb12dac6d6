/**
 * Where a backup is kept: entries with a name and a size, one after the other. A folder and a tar file are two ways; whoever writes or
 * reads one does not know which. Names are ours, such as `000002/object-0007`: nothing that a stranger named becomes a path.
 */
import type { Readable } from 'node:stream'

export interface ArchiveWriter {
  /** Rejects when the body has not exactly this many bytes. */
  add(name: string, size: number, body: Readable | Buffer): Promise<void>
  /** Resolves when all is safe on the disk. */
  close(): Promise<void>
  /** Leaves what was written as it is. */
  abandon(): Promise<void>
}

export interface ArchiveEntry {
  name: string
  /** Bytes. */
  size: number
  /** To be read, or left: what is left of it is passed over. */
  body: Readable
}

export interface ArchiveReader {
  /** In the order in which they were written. */
  entries(): AsyncGenerator<ArchiveEntry>
}

/** The archive cannot be read as one, or an entry ends too soon. */
export class ArchiveError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ArchiveError'
  }
}

const NAME = /^(\d{6}\/)?[a-z]+(-\d{4})?(\.[a-z]+)*$/

/** Throws ArchiveError for a name that no backup has. */
export function checkName(name: string): string {
  if (!NAME.test(name)) throw new ArchiveError(`${JSON.stringify(name.slice(0, 80))} is not part of a backup`)
  return name
}

/** Only its owner may read a backup: keys of the API, webhook secrets and all inputs are in it. */
export const FILE_MODE = 0o600
export const FOLDER_MODE = 0o700
