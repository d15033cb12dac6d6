/**
 * The folder driver keeps the facts about an object in a footer behind its bytes, in the same file. So one link puts bytes
 * and facts in place together, and a file without a complete footer is not an object. Called by FolderStore.
 */
import type { FileHandle } from 'node:fs/promises'
import { StorageError } from '../port/storage-error.ts'

export interface Footer {
  contentType: string
  sha256: string
}

const MAGIC = Buffer.from('MILLOBJ1')
/** Length of the JSON, 4 bytes, then the magic. */
const TAIL = 4 + MAGIC.length
/** The content type has at most 255 ASCII characters. Even when it is escaped, the whole footer is smaller than this. */
const FOOTER_BYTES = 1024

/** Makes the footer: JSON, its length, the magic. It is written behind the last byte of an object. */
export function encodeFooter(footer: Footer): Buffer {
  const json = Buffer.from(JSON.stringify({ contentType: footer.contentType, sha256: footer.sha256 }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([json, length, MAGIC])
}

/**
 * Reads the footer of an open object, and the number of bytes before it. Rejects with StorageError `unavailable` when it is
 * damaged.
 */
export async function readFooter(file: FileHandle): Promise<Footer & { size: number }> {
  const { size: total } = await file.stat()
  const end = Buffer.alloc(Math.min(total, FOOTER_BYTES))
  const { bytesRead } = await file.read(end, 0, end.length, total - end.length)
  const tail = end.length - TAIL
  if (bytesRead < end.length || tail < 0 || !end.subarray(tail + 4).equals(MAGIC)) throw damaged()
  const json = end.readUInt32BE(tail)
  if (json > tail) throw damaged()
  return { ...parse(end.subarray(tail - json, tail)), size: total - TAIL - json }
}

function parse(bytes: Buffer): Footer {
  try {
    const { contentType, sha256 } = JSON.parse(bytes.toString()) as Partial<Footer>
    if (typeof contentType === 'string' && typeof sha256 === 'string') return { contentType, sha256 }
  } catch (error) {
    throw damaged(error)
  }
  throw damaged()
}

const damaged = (cause?: unknown) => new StorageError('unavailable', 'the stored object is damaged', { cause })
